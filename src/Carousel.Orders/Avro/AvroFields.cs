using System.Numerics;
using Avro;
using Avro.Generic;

namespace Carousel.Orders.Avro;

/// <summary>Fields of a record by name, in the types of our vocabulary; what doesn't fit them is an <see cref="AvroException"/>.</summary>
internal static class AvroFields
{
    public const int AmountScale = 2;
    public const int UnitPriceScale = 4;

    /// <summary>The schemas' precision of 18 digits; a long holds it, and so does a decimal.</summary>
    public const long UnscaledMax = 999_999_999_999_999_999;

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
        return ToDecimal(value.UnscaledValue, field, value.Scale);
    }

    public static DateTime GetTime(this GenericRecord record, string field) => record.Get<DateTime>(field);

    public static decimal ToDecimal(BigInteger unscaled, string field, int scale) =>
        BigInteger.Abs(unscaled) <= UnscaledMax ? ToDecimal((long)unscaled, field, scale) : throw TooLong(field);

    public static decimal ToDecimal(long unscaled, string field, int scale)
    {
        if (unscaled is > UnscaledMax or < -UnscaledMax)
        {
            throw TooLong(field);
        }

        ulong digits = (ulong)Math.Abs(unscaled);
        return new decimal((int)digits, (int)(digits >> 32), 0, unscaled < 0, (byte)scale);
    }

    public static decimal Pow10(int exponent) => exponent switch
    {
        AmountScale => 100m,
        UnitPriceScale => 10_000m,
        _ => throw new ArgumentOutOfRangeException(nameof(exponent)),
    };

    private static AvroException TooLong(string field) => new($"field {field} has more than 18 digits");
}
