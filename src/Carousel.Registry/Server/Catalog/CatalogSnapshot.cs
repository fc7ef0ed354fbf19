using System.Collections.Immutable;
using Carousel.Registry.Compatibility;
using Carousel.Registry.Schemas;
using Carousel.Registry.Server.Log;

namespace Carousel.Registry.Server.Catalog;

/// <summary>
/// All that the registry knows after some prefix of the log. It never changes: applying a record gives the next one, so requests read
/// without a lock, and what a request sees belongs together.
/// </summary>
internal sealed record CatalogSnapshot
{
    public const CompatibilityLevel DefaultLevel = CompatibilityLevel.Backward;

    private static readonly ImmutableSortedDictionary<int, SchemaVersion> NoVersions = ImmutableSortedDictionary<int, SchemaVersion>.Empty;

    public static CatalogSnapshot Empty { get; } = new();

    private ImmutableSortedDictionary<string, ImmutableSortedDictionary<int, SchemaVersion>> Subjects { get; init; } =
        ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<int, SchemaVersion>>(StringComparer.Ordinal);

    private ImmutableDictionary<int, ImmutableList<(string Subject, int Version)>> Ids { get; init; } =
        ImmutableDictionary<int, ImmutableList<(string Subject, int Version)>>.Empty;

    private ImmutableDictionary<string, int> IdsByKey { get; init; } = ImmutableDictionary.Create<string, int>(StringComparer.Ordinal);

    // The global entry has the empty name, which no subject can have.
    private ImmutableDictionary<string, CompatibilityLevel> Levels { get; init; } =
        ImmutableDictionary.Create<string, CompatibilityLevel>(StringComparer.Ordinal);

    private ImmutableDictionary<string, RegistryMode> Modes { get; init; } = ImmutableDictionary.Create<string, RegistryMode>(StringComparer.Ordinal);

    /// <summary>No id above this was ever given.</summary>
    public int HighestId { get; private init; }

    public bool IsEmpty => Subjects.IsEmpty;

    /// <summary>Every version, by subject and version; soft-deleted ones too.</summary>
    public IEnumerable<SchemaVersion> All => Subjects.Values.SelectMany(each => each.Values);

    /// <summary>Ascending by version, soft-deleted ones included; empty when there is no such subject.</summary>
    public IReadOnlyList<SchemaVersion> Versions(string subject)
    {
        return [.. VersionsOf(subject).Values];
    }

    public SchemaVersion? Find(string subject, int version)
    {
        return VersionsOf(subject).GetValueOrDefault(version);
    }

    /// <summary>Every place that has this id, soft-deleted ones included; empty when no schema has it.</summary>
    public IReadOnlyList<SchemaVersion> WithId(int id)
    {
        return Ids.TryGetValue(id, out var places) ? [.. places.Select(each => Subjects[each.Subject][each.Version])] : [];
    }

    public int? IdOf(string key)
    {
        return IdsByKey.TryGetValue(key, out var id) ? id : null;
    }

    /// <summary>Versions that refer to this one, soft-deleted ones left out.</summary>
    public IReadOnlyList<SchemaVersion> ReferrersOf(string subject, int version)
    {
        return [.. All.Where(each => !each.IsDeleted && each.References.Any(other => other.Subject == subject && other.Version == version))];
    }

    public CompatibilityLevel? OwnLevel(string? subject)
    {
        return Levels.TryGetValue(subject ?? string.Empty, out var level) ? level : null;
    }

    public CompatibilityLevel LevelInForce(string? subject)
    {
        return OwnLevel(subject) ?? OwnLevel(null) ?? DefaultLevel;
    }

    public RegistryMode? OwnMode(string? subject)
    {
        return Modes.TryGetValue(subject ?? string.Empty, out var mode) ? mode : null;
    }

    public RegistryMode ModeInForce(string? subject)
    {
        return OwnMode(subject) ?? OwnMode(null) ?? RegistryMode.ReadWrite;
    }

    public CatalogSnapshot Apply(SchemasRecord record)
    {
        return record switch
        {
            SchemasRecord.SchemaWritten(var key, null) => Without(key.Subject, key.Version),
            SchemasRecord.SchemaWritten(var key, { } value) => With(ToVersion(key, value)),
            SchemasRecord.SubjectDeleted(var subject, { } last) => VersionsOf(subject).Values
                .Where(each => each.Version <= last && !each.IsDeleted)
                .Aggregate(this, (snapshot, each) => snapshot.With(each with { IsDeleted = true })),
            SchemasRecord.ConfigWritten(var subject, var level) =>
                this with { Levels = Set(Levels, subject, CompatibilityLevels.TryParse(level, out var parsed) ? parsed : null) },
            SchemasRecord.ModeWritten(var subject, var mode) =>
                this with { Modes = Set(Modes, subject, RegistryModes.TryParse(mode, out var parsed) ? parsed : null) },
            SchemasRecord.HighestIdNoted(var id) => this with { HighestId = Math.Max(HighestId, id) },
            _ => this,
        };
    }

    private static SchemaVersion ToVersion(SchemaKey key, SchemaValue value)
    {
        var type = value.SchemaType ?? SchemaVersion.Avro;
        var references = value.References ?? [];
        return new SchemaVersion(key.Subject, key.Version, value.Id, type, value.Schema, references, KeyOf(type, value.Schema, references), value.Deleted);
    }

    private static string KeyOf(string type, string text, IReadOnlyList<SchemaReference> references)
    {
        try
        {
            return type == SchemaVersion.Avro ? SchemaJson.Read(text).Key(references) : SchemaJson.KeyOf($"{type} {text}", references);
        }
        catch (SchemaSyntaxException)
        {
            // Another registry stored something that ours would refuse. It is served as it stands and equal only to itself.
            return SchemaJson.KeyOf(text, references);
        }
    }

    private ImmutableSortedDictionary<int, SchemaVersion> VersionsOf(string subject)
    {
        return Subjects.GetValueOrDefault(subject, NoVersions);
    }

    private CatalogSnapshot With(SchemaVersion version)
    {
        var before = Find(version.Subject, version.Version);
        var cleared = before is null || before.Id == version.Id ? this : Without(version.Subject, version.Version);
        var place = (version.Subject, version.Version);
        var places = cleared.Ids.GetValueOrDefault(version.Id, []);
        return cleared with
        {
            Subjects = cleared.Subjects.SetItem(version.Subject, cleared.VersionsOf(version.Subject).SetItem(version.Version, version)),
            Ids = places.Contains(place) ? cleared.Ids : cleared.Ids.SetItem(version.Id, places.Add(place)),
            IdsByKey = cleared.IdsByKey.ContainsKey(version.Key) ? cleared.IdsByKey : cleared.IdsByKey.Add(version.Key, version.Id),
            HighestId = Math.Max(HighestId, version.Id),
        };
    }

    private CatalogSnapshot Without(string subject, int version)
    {
        if (Find(subject, version) is not { } gone)
        {
            return this;
        }

        var versions = VersionsOf(subject).Remove(version);
        var places = Ids[gone.Id].Remove((subject, version));
        var isLastPlace = places.IsEmpty;
        return this with
        {
            Subjects = versions.IsEmpty ? Subjects.Remove(subject) : Subjects.SetItem(subject, versions),
            Ids = isLastPlace ? Ids.Remove(gone.Id) : Ids.SetItem(gone.Id, places),
            IdsByKey = isLastPlace && IdOf(gone.Key) == gone.Id ? IdsByKey.Remove(gone.Key) : IdsByKey,
        };
    }

    private static ImmutableDictionary<string, T> Set<T>(ImmutableDictionary<string, T> all, string? subject, T? value)
        where T : struct
    {
        return value is { } known ? all.SetItem(subject ?? string.Empty, known) : all.Remove(subject ?? string.Empty);
    }
}
