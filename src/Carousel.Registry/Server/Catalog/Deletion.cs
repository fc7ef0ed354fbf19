using Carousel.Registry.Server.Log;

namespace Carousel.Registry.Server.Catalog;

/// <summary>Soft deletion hides a version and keeps its id readable; permanent deletion, allowed only afterwards, removes both.</summary>
internal static class Deletion
{
    public static Decision<IReadOnlyList<int>> DecideSubject(CatalogSnapshot snapshot, string subject, bool permanent)
    {
        RegistryCommands.RequireWritable(snapshot, subject);
        var all = snapshot.Versions(subject);
        if (all.Count == 0)
        {
            throw RegistryException.SubjectNotFound(subject);
        }

        var live = all.Where(each => !each.IsDeleted).ToList();
        if (permanent && live.Count > 0)
        {
            throw RegistryException.SubjectNotSoftDeleted(subject);
        }

        if (!permanent && live.Count == 0)
        {
            throw RegistryException.SubjectSoftDeleted(subject);
        }

        var affected = permanent ? all : live;
        RequireUnreferenced(snapshot, affected);
        var numbers = affected.Select(each => each.Version).ToList();
        return new Decision<IReadOnlyList<int>>(numbers, [.. permanent ? Erase(snapshot, affected) : Hide(snapshot, subject, live)]);
    }

    public static Decision<int> DecideVersion(CatalogSnapshot snapshot, string subject, VersionSelector selector, bool permanent)
    {
        RegistryCommands.RequireWritable(snapshot, subject);

        // "latest" is the newest live one, except that nothing live is left to be erased.
        var version = selector.Of(snapshot, subject, includeDeleted: selector.Number is not null || permanent);
        if (permanent && !version.IsDeleted)
        {
            throw RegistryException.VersionNotSoftDeleted(subject, version.Version);
        }

        if (!permanent && version.IsDeleted)
        {
            throw RegistryException.VersionSoftDeleted(subject, version.Version);
        }

        RequireUnreferenced(snapshot, [version]);
        return new Decision<int>(version.Version, permanent ? [.. Erase(snapshot, [version])] : [Marked(version)]);
    }

    // Confluent's registry hides the whole subject with one record; it also forgets the subject's own level and mode.
    private static IEnumerable<LogEntry> Hide(CatalogSnapshot snapshot, string subject, List<SchemaVersion> live)
    {
        yield return SchemasRecordCodec.Encode(new SchemasRecord.SubjectDeleted(subject, live[^1].Version));
        if (snapshot.OwnMode(subject) is not null)
        {
            yield return SchemasRecordCodec.Encode(new SchemasRecord.ModeWritten(subject, null));
        }

        if (snapshot.OwnLevel(subject) is not null)
        {
            yield return SchemasRecordCodec.Encode(new SchemasRecord.ConfigWritten(subject, null));
        }
    }

    private static IEnumerable<LogEntry> Erase(CatalogSnapshot snapshot, IReadOnlyList<SchemaVersion> versions)
    {
        // Compaction removes every trace of the versions, so what must outlive them is written first.
        yield return SchemasRecordCodec.Encode(new SchemasRecord.HighestIdNoted(snapshot.HighestId));
        foreach (var version in versions)
        {
            yield return SchemasRecordCodec.EncodeSchema(version.Subject, version.Version, null);
        }
    }

    private static LogEntry Marked(SchemaVersion version)
    {
        var value = new SchemaValue(version.Subject, version.Version, version.Id, version.SchemaType == SchemaVersion.Avro ? null : version.SchemaType,
            version.References.Count == 0 ? null : version.References, version.Text, Deleted: true);
        return SchemasRecordCodec.EncodeSchema(version.Subject, version.Version, value);
    }

    private static void RequireUnreferenced(CatalogSnapshot snapshot, IReadOnlyList<SchemaVersion> versions)
    {
        foreach (var version in versions)
        {
            if (snapshot.ReferrersOf(version.Subject, version.Version) is [{ } referrer, ..])
            {
                throw RegistryException.Referenced($"Subject '{version.Subject}' version {version.Version} is referred to by subject "
                    + $"'{referrer.Subject}' version {referrer.Version}; delete that first.");
            }
        }
    }
}
