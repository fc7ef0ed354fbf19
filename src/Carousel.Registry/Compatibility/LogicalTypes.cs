using System.Globalization;
using Avro;

namespace Carousel.Registry.Compatibility;

/// <summary>
/// Avro's resolution looks at the bytes below a logical type only, so "12.34" written at scale 2 is read as 0.1234 at scale 4, and a time in
/// milliseconds as one in microseconds, without any error. Here both are mismatches: decimals of another scale or of more digits than the
/// reader has, and two different logical types. A logical type on one side only is fine, as the specification says.
/// </summary>
internal static class LogicalTypes
{
    private const string DecimalName = "decimal";

    public static Schema Base(Schema schema)
    {
        return schema is LogicalSchema logical ? logical.BaseSchema : schema;
    }

    public static (string Reader, string Writer)? Conflict(Schema reader, Schema writer)
    {
        if (reader is not LogicalSchema read || writer is not LogicalSchema wrote)
        {
            return null;
        }

        var differ = read.LogicalTypeName != wrote.LogicalTypeName
            || (read.LogicalTypeName == DecimalName
                && (Digits(read, "scale") != Digits(wrote, "scale") || Digits(read, "precision") < Digits(wrote, "precision")));
        return differ ? (Describe(read), Describe(wrote)) : null;
    }

    public static string Describe(LogicalSchema schema)
    {
        return schema.LogicalTypeName == DecimalName
            ? $"a decimal({Digits(schema, "precision")}, {Digits(schema, "scale")})"
            : $"a {schema.LogicalTypeName}";
    }

    private static int Digits(LogicalSchema schema, string property)
    {
        return int.TryParse(schema.GetProperty(property), NumberStyles.Integer, CultureInfo.InvariantCulture, out var digits) ? digits : 0;
    }
}
