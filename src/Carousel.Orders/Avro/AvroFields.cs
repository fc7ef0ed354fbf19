using System.Numerics;
using Avro;
using Avro.Generic;

namespace Carousel.Orders.Avro;

/// <summary>Fields of a record by name, in the types of our vocabulary; what doesn't fit them is an <see cref="AvroException"/>.</summary>
internal static class AvroFields
{
    /// <summary>decimal holds 96 bits of digits, and a schema's precision of 18 takes 60.</summary>
    private static readonly BigInteger UnscaledMax = BigInteger.Pow(10, 18) - 1;

    public static T Get<T>(this GenericRecord record, string field) =>
        record.TryGetValue(field, out object? value) && value is T typed
            ? typed
            : throw new AvroException($"field {field} isn't a {typeof(T).Name}");

    public static T? GetNullable<T>(this GenericRecord record, string field)
        where T : class =>
        record.TryGetValue(field, out object? value) && value is null ? null : record.Get<T>(field);

    public static decimal GetDecimal(this GenericRecord record, string field)
    {
        AvroDecimal value = record.Get<AvroDecimal>(field);
        return BigInteger.Abs(value.UnscaledValue) <= UnscaledMax
            ? (decimal)value
            : throw new AvroException($"field {field} has more than 18 digits");
    }

    /// <summary>Gives the decimal exactly the scale and precision that the schema wants, and refuses one that would lose digits.</summary>
    public static AvroDecimal ToAvro(decimal value, string field, int scale)
    {
        decimal scaled = value * Pow10(scale);
        return decimal.IsInteger(scaled) && new BigInteger(Math.Abs(scaled)) <= UnscaledMax
            ? new AvroDecimal(new BigInteger(scaled), scale)
            : throw new AvroException($"{field} must have at most {scale} decimals and 18 digits, found {value}");
    }

    public static DateTime GetTime(this GenericRecord record, string field) => record.Get<DateTime>(field);

    private static decimal Pow10(int exponent) => exponent switch
    {
        2 => 100m,
        4 => 10_000m,
        _ => throw new ArgumentOutOfRangeException(nameof(exponent)),
    };
}
