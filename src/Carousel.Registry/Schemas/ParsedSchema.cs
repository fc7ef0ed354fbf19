using Avro;

namespace Carousel.Registry.Schemas;

/// <summary>A schema that Apache.Avro accepts, its references resolved.</summary>
internal sealed record ParsedSchema(SchemaJson Json, Schema Schema, IReadOnlyDictionary<string, IReadOnlySet<string>> Aliases)
{
    /// <summary>Parses <paramref name="text"/>, which may use the names that <paramref name="referenced"/> define (each after those it needs itself).</summary>
    /// <exception cref="SchemaSyntaxException">It isn't an Avro schema; the message says where and why.</exception>
    public static ParsedSchema Parse(string text, IReadOnlyList<string> referenced, IReadOnlyList<SchemaReference> references)
    {
        var aliases = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        var names = new SchemaNames();
        foreach (var other in referenced)
        {
            Add(aliases, Read(other, names).Json.Aliases);
        }

        foreach (var reference in references)
        {
            if (!names.Contains(new SchemaName(reference.Name, null, null, null)))
            {
                throw new SchemaSyntaxException(
                    $"The reference '{reference.Name}' isn't defined by subject '{reference.Subject}' version {reference.Version}; "
                    + "a reference's name is the full name of a type in the schema that it refers to.");
            }
        }

        var (json, schema) = Read(text, names);
        Add(aliases, json.Aliases);
        return new ParsedSchema(json, schema, aliases);
    }

    private static (SchemaJson Json, Schema Schema) Read(string text, SchemaNames names)
    {
        try
        {
            // Our own reading comes first: it bounds the nesting, which Apache.Avro's recursion doesn't.
            var json = SchemaJson.Read(text);
            return (json, Schema.Parse(text, names, null));
        }
        catch (Exception exception) when (exception is not SchemaSyntaxException and not OutOfMemoryException)
        {
            // The parser fails on odd input with whatever its insides throw: casts, arguments, Newtonsoft's own exceptions.
            throw new SchemaSyntaxException($"The schema isn't valid Avro: {exception.Message}", exception);
        }
    }

    private static void Add(Dictionary<string, IReadOnlySet<string>> all, IReadOnlyDictionary<string, IReadOnlySet<string>> more)
    {
        foreach (var (name, aliases) in more)
        {
            all[name] = aliases;
        }
    }
}
