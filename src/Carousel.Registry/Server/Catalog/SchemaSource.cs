using Carousel.Registry.Schemas;

namespace Carousel.Registry.Server.Catalog;

/// <summary>Parses schemas of a snapshot, or new ones that refer to it.</summary>
internal static class SchemaSource
{
    /// <summary>How many schemas one may refer to, directly and through others.</summary>
    public const int ReferencesMax = 256;

    /// <exception cref="RegistryException">42201: it isn't an Avro schema, or a reference leads nowhere.</exception>
    public static ParsedSchema Parse(CatalogSnapshot snapshot, string text, IReadOnlyList<SchemaReference> references)
    {
        try
        {
            var collected = new List<string>();
            Collect(snapshot, references, collected, [], depth: 0);
            return ParsedSchema.Parse(text, collected, references);
        }
        catch (SchemaSyntaxException exception)
        {
            throw RegistryException.InvalidSchema(exception.Message);
        }
    }

    public static ParsedSchema Parse(CatalogSnapshot snapshot, SchemaVersion version)
    {
        return version.SchemaType == SchemaVersion.Avro
            ? Parse(snapshot, version.Text, version.References)
            : throw RegistryException.InvalidSchema(
                $"Version {version.Version} of subject '{version.Subject}' is {version.SchemaType}; only AVRO can be compared or referred to.");
    }

    // Depth first, so that each text comes after those it needs. A soft-deleted version still gives its names to those that refer to it.
    private static void Collect(
        CatalogSnapshot snapshot, IReadOnlyList<SchemaReference> references, List<string> collected, HashSet<(string, int)> seen, int depth)
    {
        foreach (var reference in references)
        {
            if (!seen.Add((reference.Subject, reference.Version)))
            {
                continue;
            }

            if (seen.Count > ReferencesMax || depth > ReferencesMax)
            {
                throw new SchemaSyntaxException($"A schema may refer to at most {ReferencesMax} others, directly and through others.");
            }

            var version = snapshot.Find(reference.Subject, reference.Version)
                ?? throw new SchemaSyntaxException($"The reference '{reference.Name}' leads to subject '{reference.Subject}' version "
                    + $"{reference.Version}, which doesn't exist; register it first.");
            if (version.SchemaType != SchemaVersion.Avro)
            {
                throw new SchemaSyntaxException($"The reference '{reference.Name}' leads to a schema of type {version.SchemaType}, not AVRO.");
            }

            Collect(snapshot, version.References, collected, seen, depth + 1);
            collected.Add(version.Text);
        }
    }
}
