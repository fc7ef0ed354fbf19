using Carousel.Registry.Compatibility;
using Carousel.Registry.Schemas;
using Carousel.Registry.Server.Log;

namespace Carousel.Registry.Server.Catalog;

/// <summary>Decides whether a schema may become a version of a subject, and with which id.</summary>
internal static class Registration
{
    public static Decision<int> Decide(CatalogSnapshot snapshot, string subject, NewSchema schema)
    {
        RegistryCommands.RequireWritable(snapshot, subject);
        if (string.IsNullOrWhiteSpace(subject) || subject.Any(char.IsControl))
        {
            throw RegistryException.InvalidSubject("A subject's name has at least one character, and no control characters.");
        }

        var parsed = SchemaSource.Parse(snapshot, schema.Text, schema.References);
        var key = parsed.Json.Key(schema.References);
        var isImport = snapshot.ModeInForce(subject) == RegistryMode.Import;
        RequireMode(subject, schema, isImport);
        var same = snapshot.Versions(subject).FirstOrDefault(each => !each.IsDeleted && each.Key == key);
        if (same is not null && (schema.Id is null || schema.Id == same.Id) && (schema.Version is null || schema.Version == same.Version))
        {
            return new Decision<int>(same.Id, []);
        }

        return isImport
            ? Import(snapshot, subject, schema, parsed, key)
            : Add(snapshot, subject, schema, parsed, key);
    }

    /// <summary>The violations of the level in force; empty when the schema may be registered.</summary>
    public static IReadOnlyList<string> CheckCompatibility(
        CatalogSnapshot snapshot, string subject, ParsedSchema schema, IReadOnlyList<SchemaVersion> older)
    {
        var level = snapshot.LevelInForce(subject);
        if (level == CompatibilityLevel.None)
        {
            return [];
        }

        var relevant = level.IsTransitive() ? older : older.TakeLast(1);
        try
        {
            return CompatibilityRule.Check(level, schema, [.. relevant.Select(each => (each.Version, SchemaSource.Parse(snapshot, each)))]);
        }
        catch (SchemaSyntaxException exception)
        {
            throw RegistryException.InvalidSchema(exception.Message);
        }
    }

    private static void RequireMode(string subject, NewSchema schema, bool isImport)
    {
        if (schema.Id is not null && !isImport)
        {
            throw RegistryException.NotPermitted($"Subject '{subject}' isn't in IMPORT mode, so the schema can't bring its id along; leave \"id\" out.");
        }

        if (schema.Id is null && isImport)
        {
            throw RegistryException.NotPermitted($"Subject '{subject}' is in IMPORT mode, where every schema brings its \"id\" along.");
        }
    }

    private static Decision<int> Add(CatalogSnapshot snapshot, string subject, NewSchema schema, ParsedSchema parsed, string key)
    {
        var versions = snapshot.Versions(subject);
        var violations = CheckCompatibility(snapshot, subject, parsed, [.. versions.Where(each => !each.IsDeleted)]);
        if (violations.Count > 0)
        {
            throw RegistryException.Incompatible(subject, snapshot.LevelInForce(subject).Name(), violations);
        }

        // Soft-deleted versions keep their numbers.
        var version = versions.Count == 0 ? 1 : versions[^1].Version + 1;
        if (schema.Version is { } wanted && wanted != version)
        {
            throw RegistryException.InvalidSchema($"The next version of subject '{subject}' is {version}, not {wanted}; leave \"version\" out.");
        }

        return Write(subject, version, snapshot.IdOf(key) ?? NextId(snapshot), schema, parsed);
    }

    private static int NextId(CatalogSnapshot snapshot)
    {
        return snapshot.HighestId < int.MaxValue
            ? snapshot.HighestId + 1
            : throw RegistryException.NotPermitted("Every id up to 2147483647 is taken, so no new schema can get one.");
    }

    private static Decision<int> Import(CatalogSnapshot snapshot, string subject, NewSchema schema, ParsedSchema parsed, string key)
    {
        var id = schema.Id!.Value;
        if (snapshot.WithId(id) is [{ } holder, ..] && holder.Key != key)
        {
            throw RegistryException.IdTaken($"Id {id} belongs to another schema (subject '{holder.Subject}' version {holder.Version}).");
        }

        var versions = snapshot.Versions(subject);
        var version = schema.Version ?? (versions.Count == 0 ? 1 : versions[^1].Version + 1);
        if (snapshot.Find(subject, version) is { IsDeleted: false } taken && taken.Key != key)
        {
            throw RegistryException.IdTaken($"Version {version} of subject '{subject}' is another schema already.");
        }

        return Write(subject, version, id, schema, parsed);
    }

    private static Decision<int> Write(string subject, int version, int id, NewSchema schema, ParsedSchema parsed)
    {
        var text = schema.Normalize ? parsed.Json.Canonical : parsed.Json.Compact;
        var value = new SchemaValue(subject, version, id, null, schema.References.Count == 0 ? null : schema.References, text, Deleted: false);
        return new Decision<int>(id, [SchemasRecordCodec.EncodeSchema(subject, version, value)]);
    }
}
