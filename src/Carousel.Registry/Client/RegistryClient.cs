using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Avro;
using Carousel.Orders.Avro;
using Carousel.Registry.Schemas;

namespace Carousel.Registry.Client;

/// <summary>
/// A client of any registry with Confluent's API. What it has learned it keeps for good, so a registry that is down stops nobody who has met
/// the schema; only "unknown id" is forgotten after a while. Callers that ask for the same thing at the same time share one question, which goes
/// on when one of them gives up. Safe for use by many threads; one instance per process.
/// </summary>
public sealed class RegistryClient : ISchemaRegistry, IDisposable
{
    /// <summary>How many schemas one may refer to, directly and through others: more is a mistake or an attack.</summary>
    private const int ReferencesMax = 256;

    private readonly CancellationTokenSource _disposed = new();
    private readonly ConcurrentDictionary<int, Schema> _schemas = new();
    private readonly ConcurrentDictionary<string, RegisteredSchema> _registered = new(StringComparer.Ordinal);

    // In front of _registered: writers pass the same object for every record, and comparing its text each time would cost more than the record.
    private readonly ConditionalWeakTable<SchemaDefinition, RegisteredSchema> _known = [];
    private readonly ConcurrentDictionary<int, Lazy<Task<Schema?>>> _finding = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<RegisteredSchema>>> _registering = new(StringComparer.Ordinal);
    private readonly UnknownIds _unknown;
    private readonly RegistryHttp _registry;

    /// <param name="http">Stays the caller's to dispose. Its own timeout must be longer than <see cref="RegistryClientOptions.AttemptTimeout"/>.</param>
    /// <param name="options">Checked here.</param>
    /// <param name="clock">The system's clock if null.</param>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">A setting is out of range; the message says which.</exception>
    public RegistryClient(HttpClient http, RegistryClientOptions options, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var time = clock ?? TimeProvider.System;
        _unknown = new UnknownIds(options.UnknownIdLifetime, options.UnknownIdsMax, time);
        _registry = new RegistryHttp(http, options, time);
    }

    /// <inheritdoc/>
    public async ValueTask<int> RegisterAsync(SchemaDefinition definition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (_known.TryGetValue(definition, out var known))
        {
            return known.Id;
        }

        var registered = await RegisterWithVersionAsync(definition, KeyOf(definition), cancellationToken);
        _known.AddOrUpdate(definition, registered);
        return registered.Id;
    }

    /// <inheritdoc/>
    public ValueTask<Schema?> FindAsync(int id, CancellationToken cancellationToken)
    {
        if (_schemas.TryGetValue(id, out var known))
        {
            return ValueTask.FromResult<Schema?>(known);
        }

        return id <= 0 || _unknown.Contains(id)
            ? ValueTask.FromResult<Schema?>(null)
            : new ValueTask<Schema?>(ShareAsync(_finding, id, () => FetchAsync(id), cancellationToken));
    }

    /// <summary>Ends questions that are under way.</summary>
    public void Dispose()
    {
        _disposed.Cancel();
        _registry.Dispose();
        _disposed.Dispose();
    }

    private Task<RegisteredSchema> RegisterWithVersionAsync(SchemaDefinition definition, string key, CancellationToken cancellationToken)
    {
        return _registered.TryGetValue(key, out var known)
            ? Task.FromResult(known)
            : ShareAsync(_registering, key, () => RegisterNewAsync(definition, key), cancellationToken);
    }

    private async Task<RegisteredSchema> RegisterNewAsync(SchemaDefinition definition, string key)
    {
        var references = new List<SchemaReference>();
        foreach (var reference in definition.References)
        {
            var registered = await RegisterWithVersionAsync(reference, KeyOf(reference), _disposed.Token);
            references.Add(new SchemaReference(reference.FullName, reference.Subject, registered.Version));
        }

        var body = new RegisterMessage(definition.Json, "AVRO", references.Count == 0 ? null : references);
        var subject = $"/subjects/{Uri.EscapeDataString(definition.Subject)}";
        var id = Accepted(definition, await _registry.AskAsync<RegisteredMessage>(HttpMethod.Post, subject + "/versions", body, _disposed.Token)).Id;

        // The answer to a registration has no version in most registries, and a reference needs it.
        var found = Accepted(definition, await _registry.AskAsync<FoundSchemaMessage>(HttpMethod.Post, subject, body, _disposed.Token));
        var result = new RegisteredSchema(id, found.Version);
        _registered[key] = result;
        return result;
    }

    private static T Accepted<T>(SchemaDefinition definition, (T? Answer, FailureMessage? Refusal) result)
        where T : class
    {
        return result.Answer ?? throw new SchemaRefusedException(
            $"The registry refused schema {definition.FullName} for subject '{definition.Subject}' "
            + $"({result.Refusal?.ErrorCode}): {result.Refusal?.Message}");
    }

    private async Task<Schema?> FetchAsync(int id)
    {
        var (found, refusal) = await _registry.AskAsync<FoundSchemaMessage>(HttpMethod.Get, $"/schemas/ids/{id}", null, _disposed.Token);
        if (refusal is { IsNotFound: false })
        {
            throw new RegistryUnavailableException($"The registry refused to say what schema {id} is ({refusal.ErrorCode}): {refusal.Message}");
        }

        var schema = found is null ? null : await ParseAsync(id, found);
        if (schema is null)
        {
            _unknown.Add(id);
            return null;
        }

        return _schemas.GetOrAdd(id, schema);
    }

    // A schema that isn't Avro, or that Apache.Avro can't read, is as good as unknown: no value under it will ever be readable here.
    private async Task<Schema?> ParseAsync(int id, FoundSchemaMessage found)
    {
        if (found.Schema is null || found.SchemaType is not (null or "" or "AVRO"))
        {
            return null;
        }

        var references = found.References ?? [];
        var referenced = new List<string>();
        await CollectAsync(id, references, referenced, [], depth: 0);
        try
        {
            return ParsedSchema.Parse(found.Schema, referenced, references).Schema;
        }
        catch (SchemaSyntaxException)
        {
            return null;
        }
    }

    // Depth first, so that each text comes after those it needs. Soft-deleted versions still count for those that refer to them.
    private async Task CollectAsync(
        int id, IReadOnlyList<SchemaReference> references, List<string> referenced, HashSet<(string, int)> seen, int depth)
    {
        foreach (var reference in references)
        {
            if (!seen.Add((reference.Subject, reference.Version)))
            {
                continue;
            }

            if (seen.Count > ReferencesMax)
            {
                throw new RegistryUnavailableException($"Schema {id} refers to more than {ReferencesMax} others, which no schema of an order does.");
            }

            var path = $"/subjects/{Uri.EscapeDataString(reference.Subject)}/versions/{reference.Version}?deleted=true";
            var (found, refusal) = await _registry.AskAsync<FoundSchemaMessage>(HttpMethod.Get, path, null, _disposed.Token);
            if (found?.Schema is null)
            {
                throw new RegistryUnavailableException($"Schema {id} refers to subject '{reference.Subject}' version {reference.Version}, "
                    + $"which the registry doesn't give: {refusal?.Message ?? "it has no schema"}");
            }

            await CollectAsync(id, found.References ?? [], referenced, seen, depth + 1);
            referenced.Add(found.Schema);
        }
    }

    // The shared task isn't tied to any caller's token; each caller only stops waiting. It leaves the table when it ends, however it ends.
    private static async Task<T> ShareAsync<TKey, T>(
        ConcurrentDictionary<TKey, Lazy<Task<T>>> underWay, TKey key, Func<Task<T>> start, CancellationToken cancellationToken)
        where TKey : notnull
    {
        Lazy<Task<T>>? mine = null;
        mine = new Lazy<Task<T>>(async () =>
        {
            try
            {
                return await start();
            }
            finally
            {
                underWay.TryRemove(new KeyValuePair<TKey, Lazy<Task<T>>>(key, mine!));
            }
        });
        var shared = underWay.GetOrAdd(key, mine);
        return await shared.Value.WaitAsync(cancellationToken);
    }

    private static string KeyOf(SchemaDefinition definition)
    {
        return JsonSerializer.Serialize(definition);
    }

    private sealed record RegisteredSchema(int Id, int Version);
}
