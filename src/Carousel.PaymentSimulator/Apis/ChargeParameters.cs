using System.Buffers;
using System.Globalization;
using Carousel.PaymentSimulator.Ledger;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>A charge that is well formed: what POST /v1/charges asks for after all checks.</summary>
internal sealed record ChargeParameters(string Reference, string OrderId, long AmountHundredths, string Currency, string Token)
{
    private const int TextMax = 255;
    private const decimal AmountMax = 9_999_999_999_999.99m;
    private static readonly SearchValues<char> Printable =
        SearchValues.Create(string.Concat(Enumerable.Range(0x20, 0x7F - 0x20).Select(static code => (char)code)));

    public UInt128 Key { get; } = Digest.OfReference(Reference);

    public UInt128 Fingerprint { get; } = Digest.OfParameters(OrderId, AmountHundredths, Currency, Token);

    /// <returns>Null with the field and a sentence that says what is wrong with it.</returns>
    public static ChargeParameters? From(ChargeBody body, string? idempotencyKey, out string field, out string error)
    {
        field = "reference";
        error = TextError(body.Reference, field);
        if (error.Length == 0 && !string.Equals(idempotencyKey, body.Reference, StringComparison.Ordinal))
        {
            field = "Idempotency-Key";
            error = idempotencyKey is null or ""
                ? "The header Idempotency-Key is missing; it must equal reference."
                : "The header Idempotency-Key must equal reference.";
        }

        if (error.Length == 0)
        {
            error = TextError(body.OrderId, field = "orderId");
        }

        if (error.Length == 0)
        {
            error = TextError(body.Token, field = "token");
        }

        if (error.Length == 0 && !IsCurrency(body.Currency))
        {
            field = "currency";
            error = "currency must be three capital letters (ISO 4217), such as GBP.";
        }

        if (error.Length > 0)
        {
            return null;
        }

        field = "amount";
        if (!TryHundredths(body.Amount, out var hundredths))
        {
            error = $"amount must be a text with a number above 0, at most {AmountMax.ToString(CultureInfo.InvariantCulture)} and with at most 2 decimals, such as \"12.34\".";
            return null;
        }

        return new ChargeParameters(body.Reference!, body.OrderId!, hundredths, body.Currency!, body.Token!);
    }

    /// <returns>Empty when the text is 1 to 255 printable ASCII characters without blanks at the ends.</returns>
    public static string TextError(string? text, string name) =>
        text is null or "" ? $"{name} is missing."
        : text.Length > TextMax || text[0] == ' ' || text[^1] == ' ' || text.AsSpan().ContainsAnyExcept(Printable)
            ? $"{name} must be 1 to {TextMax} printable ASCII characters without blanks at the ends."
            : "";

    private static bool IsCurrency(string? text) =>
        text is { Length: 3 } && !text.AsSpan().ContainsAnyExceptInRange('A', 'Z');

    private static bool TryHundredths(string? text, out long hundredths)
    {
        hundredths = 0;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            || amount is <= 0 or > AmountMax)
        {
            return false;
        }

        var scaled = amount * 100;
        hundredths = (long)scaled;
        return hundredths == scaled;
    }
}
