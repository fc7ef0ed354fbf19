using Carousel.Orders;

namespace Carousel.Fulfillment.Payments;

/// <summary>
/// One charge to ask for. <see cref="Reference"/> is also the idempotency key: the same reference must always come with the same values,
/// because the bytes sent are made from them alone.
/// </summary>
/// <exception cref="ArgumentException">
/// A value that no sound order can hold. It is checked here, so that it can't become an endless retry.
/// </exception>
public sealed record ChargeRequest
{
    private const int TextMax = 255;

    public ChargeRequest(string reference, string orderId, decimal amount, string currency, string token)
    {
        Reference = Text(reference, nameof(reference));
        OrderId = Text(orderId, nameof(orderId));
        Token = Text(token, nameof(token));
        if (currency is not { Length: 3 } || currency.AsSpan().ContainsAnyExceptInRange('A', 'Z'))
        {
            throw new ArgumentException($"A currency has three capital letters (ISO 4217), not '{currency}'.", nameof(currency));
        }

        if (amount <= 0 || decimal.Round(amount, 2) != amount)
        {
            throw new ArgumentException(FormattableString.Invariant($"An amount is above 0 with at most 2 decimals, not {amount}."), nameof(amount));
        }

        Currency = currency;
        Amount = amount;
    }

    public string Reference { get; }

    public string OrderId { get; }

    public decimal Amount { get; }

    public string Currency { get; }

    public string Token { get; }

    /// <summary>Without the token: it doesn't belong in logs.</summary>
    public override string ToString() => FormattableString.Invariant($"{Reference} ({Amount:0.00} {Currency})");

    private static string Text(string value, string name) =>
        Identifier.IsValid(value, TextMax)
            ? value
            : throw new ArgumentException($"{name} must be 1 to {TextMax} printable ASCII characters without blanks at the ends.", name);
}
