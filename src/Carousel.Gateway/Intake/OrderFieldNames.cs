using System.Text.Json;
using Carousel.Orders;

namespace Carousel.Gateway.Intake;

[Flags]
internal enum OrderFields
{
    None = 0,
    CustomerId = 1,
    Currency = 2,
    Lines = 4,
    PaymentToken = 8,
    Amount = 16,
    IdempotencyKey = 32,
    Sku = 64,
    Quantity = 128,
    UnitPrice = 256,
}

/// <summary>The names of an order's fields in JSON.</summary>
internal static class OrderFieldNames
{
    public static readonly (OrderFields Field, string Name)[] Required =
    [
        (OrderFields.CustomerId, "customerId"),
        (OrderFields.Currency, "currency"),
        (OrderFields.Lines, "lines"),
        (OrderFields.PaymentToken, "paymentToken"),
    ];

    public static readonly (OrderFields Field, string Name)[] RequiredOfLine =
    [
        (OrderFields.Sku, "sku"),
        (OrderFields.Quantity, "quantity"),
        (OrderFields.UnitPrice, "unitPrice"),
    ];

    private const int ShownLengthMax = 40;

    /// <summary>None for a name that no order has. Names are compared as they stand, so an escaped one is unknown.</summary>
    public static OrderFields OfOrder(ref Utf8JsonReader json, bool allowIdempotencyKey) => json.ValueSpan switch
    {
        var name when name.SequenceEqual("customerId"u8) => OrderFields.CustomerId,
        var name when name.SequenceEqual("currency"u8) => OrderFields.Currency,
        var name when name.SequenceEqual("lines"u8) => OrderFields.Lines,
        var name when name.SequenceEqual("paymentToken"u8) => OrderFields.PaymentToken,
        var name when name.SequenceEqual("amount"u8) => OrderFields.Amount,
        var name when allowIdempotencyKey && name.SequenceEqual("idempotencyKey"u8) => OrderFields.IdempotencyKey,
        _ => OrderFields.None,
    };

    public static OrderFields OfLine(ref Utf8JsonReader json) => json.ValueSpan switch
    {
        var name when name.SequenceEqual("sku"u8) => OrderFields.Sku,
        var name when name.SequenceEqual("quantity"u8) => OrderFields.Quantity,
        var name when name.SequenceEqual("unitPrice"u8) => OrderFields.UnitPrice,
        _ => OrderFields.None,
    };

    /// <summary>The property's name when it looks like one; a secret in the wrong place must not come back in an answer.</summary>
    public static string Show(ref Utf8JsonReader json)
    {
        ReadOnlySpan<byte> name = json.ValueSpan;
        if (name.IsEmpty || name.Length > ShownLengthMax)
        {
            return "?";
        }

        int digits = 0;
        foreach (byte c in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c != '_')
            {
                return "?";
            }

            digits += char.IsAsciiDigit((char)c) ? 1 : 0;
        }

        return digits <= 4 ? json.GetString()! : "?";
    }
}
