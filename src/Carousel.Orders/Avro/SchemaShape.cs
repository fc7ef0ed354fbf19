using Avro;

namespace Carousel.Orders.Avro;

/// <summary>Questions about a schema as a whole.</summary>
internal static class SchemaShape
{
    /// <summary>True when a record contains itself, at whatever depth.</summary>
    public static bool IsRecursive(Schema schema) => ContainsOneOf(schema, []);

    private static bool ContainsOneOf(Schema schema, HashSet<string> enclosing) => schema switch
    {
        RecordSchema record => IsRecursive(record, enclosing),
        ArraySchema array => ContainsOneOf(array.ItemSchema, enclosing),
        MapSchema map => ContainsOneOf(map.ValueSchema, enclosing),
        UnionSchema union => union.Schemas.Any(branch => ContainsOneOf(branch, enclosing)),
        _ => false,
    };

    private static bool IsRecursive(RecordSchema record, HashSet<string> enclosing)
    {
        if (!enclosing.Add(record.Fullname))
        {
            return true;
        }

        bool recursive = record.Fields.Any(field => ContainsOneOf(field.Schema, enclosing));
        enclosing.Remove(record.Fullname);
        return recursive;
    }
}
