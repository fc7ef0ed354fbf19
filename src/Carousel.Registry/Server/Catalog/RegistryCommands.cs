using Carousel.Registry.Compatibility;
using Carousel.Registry.Schemas;
using Carousel.Registry.Server.Log;

namespace Carousel.Registry.Server.Catalog;

/// <summary>A schema to register: <paramref name="Id"/> and <paramref name="Version"/> only when importing.</summary>
internal sealed record NewSchema(string Text, IReadOnlyList<SchemaReference> References, bool Normalize, int? Id, int? Version);

/// <summary>Everything that changes the registry. Each command decides on the newest snapshot, in the log's turn, and may decide again.</summary>
internal sealed class RegistryCommands(SchemaCatalog catalog, ISchemasLog log)
{
    public Task<int> RegisterAsync(string subject, NewSchema schema, CancellationToken cancellationToken)
    {
        return log.AppendAsync(() => Registration.Decide(catalog.Current, subject, schema), cancellationToken);
    }

    /// <summary>Returns the versions that were deleted.</summary>
    public Task<IReadOnlyList<int>> DeleteSubjectAsync(string subject, bool permanent, CancellationToken cancellationToken)
    {
        return log.AppendAsync(() => Deletion.DecideSubject(catalog.Current, subject, permanent), cancellationToken);
    }

    public Task<int> DeleteVersionAsync(string subject, VersionSelector version, bool permanent, CancellationToken cancellationToken)
    {
        return log.AppendAsync(() => Deletion.DecideVersion(catalog.Current, subject, version, permanent), cancellationToken);
    }

    public Task<CompatibilityLevel> SetLevelAsync(string? subject, CompatibilityLevel level, CancellationToken cancellationToken)
    {
        return log.AppendAsync(
            () =>
            {
                RequireWritable(catalog.Current, subject);
                return Decide(level, new SchemasRecord.ConfigWritten(subject, level.Name()));
            },
            cancellationToken);
    }

    /// <summary>Returns the level that was deleted; the global one falls back to BACKWARD.</summary>
    public Task<CompatibilityLevel> DeleteLevelAsync(string? subject, CancellationToken cancellationToken)
    {
        return log.AppendAsync(
            () =>
            {
                RequireWritable(catalog.Current, subject);
                var level = catalog.Current.OwnLevel(subject)
                    ?? (subject is null ? CatalogSnapshot.DefaultLevel : throw RegistryException.NoConfig(subject));
                return Decide(level, new SchemasRecord.ConfigWritten(subject, null));
            },
            cancellationToken);
    }

    public Task<RegistryMode> SetModeAsync(string? subject, RegistryMode mode, bool force, CancellationToken cancellationToken)
    {
        return log.AppendAsync(
            () =>
            {
                var snapshot = catalog.Current;
                var isInUse = subject is null ? !snapshot.IsEmpty : snapshot.Versions(subject).Any(each => !each.IsDeleted);
                if (mode == RegistryMode.Import && snapshot.OwnMode(subject) != RegistryMode.Import && isInUse && !force)
                {
                    throw RegistryException.NotPermitted(
                        "IMPORT mode would let ids clash with the schemas that are there; delete them first, or set it with force=true.");
                }

                return Decide(mode, new SchemasRecord.ModeWritten(subject, mode.Name()));
            },
            cancellationToken);
    }

    public Task<RegistryMode> DeleteModeAsync(string? subject, CancellationToken cancellationToken)
    {
        return log.AppendAsync(
            () =>
            {
                var mode = catalog.Current.OwnMode(subject) ?? (subject is null ? RegistryMode.ReadWrite : throw RegistryException.NoMode(subject));
                return Decide(mode, new SchemasRecord.ModeWritten(subject, null));
            },
            cancellationToken);
    }

    public static void RequireWritable(CatalogSnapshot snapshot, string? subject)
    {
        if (snapshot.ModeInForce(subject) == RegistryMode.ReadOnly)
        {
            throw RegistryException.NotPermitted(subject is null
                ? "The registry is in READONLY mode; set /mode to READWRITE to change it."
                : $"Subject '{subject}' is in READONLY mode; set /mode/{subject} to READWRITE to change it.");
        }
    }

    private static Decision<T> Decide<T>(T result, SchemasRecord record)
    {
        return new Decision<T>(result, [SchemasRecordCodec.Encode(record)]);
    }
}
