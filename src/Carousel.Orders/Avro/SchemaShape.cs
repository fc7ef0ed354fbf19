using Avro;

namespace Carousel.Orders.Avro;

/// <summary>Questions about a schema as a whole.</summary>
internal static class SchemaShape
{
    /// <summary>True when a record contains itself, at whatever depth.</summary>
    public static bool IsRecursive(Schema schema) => ContainsOneOf(schema, []);

    /// <summary>
    /// True when values of one schema are, byte for byte and field for field, values of the other: same names and types in the same order. What says nothing
    /// about a value's bytes or meaning (documentation, defaults, aliases) may differ. Neither may be recursive.
    /// </summary>
    public static bool HaveSameBytes(Schema one, Schema other) => (one, other) switch
    {
        (RecordSchema a, RecordSchema b) => a.Fullname == b.Fullname && a.Fields.Count == b.Fields.Count
            && a.Fields.Zip(b.Fields).All(pair => pair.First.Name == pair.Second.Name && HaveSameBytes(pair.First.Schema, pair.Second.Schema)),
        (EnumSchema a, EnumSchema b) => a.Fullname == b.Fullname && a.Symbols.SequenceEqual(b.Symbols),
        (FixedSchema a, FixedSchema b) => a.Fullname == b.Fullname && a.Size == b.Size,
        (ArraySchema a, ArraySchema b) => HaveSameBytes(a.ItemSchema, b.ItemSchema),
        (MapSchema a, MapSchema b) => HaveSameBytes(a.ValueSchema, b.ValueSchema),
        (UnionSchema a, UnionSchema b) => a.Count == b.Count && a.Schemas.Zip(b.Schemas).All(pair => HaveSameBytes(pair.First, pair.Second)),
        (LogicalSchema a, LogicalSchema b) => a.LogicalTypeName == b.LogicalTypeName && HaveSameBytes(a.BaseSchema, b.BaseSchema)
            && a.GetProperty("precision") == b.GetProperty("precision") && a.GetProperty("scale") == b.GetProperty("scale"),
        (PrimitiveSchema a, PrimitiveSchema b) => a.Tag == b.Tag,
        _ => false,
    };

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
