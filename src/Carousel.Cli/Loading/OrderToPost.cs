namespace Carousel.Cli.Loading;

/// <summary>An order as a client posts it. It need not be sound: the gateway says whether it is.</summary>
/// <param name="IdempotencyKey">Makes a repeated post the same order.</param>
internal sealed record OrderToPost(
    string IdempotencyKey,
    string CustomerId,
    string Currency,
    string PaymentToken,
    IReadOnlyList<LineToPost> Lines);

/// <param name="UnitPrice">Decimal text, posted as it stands here.</param>
internal readonly record struct LineToPost(string Sku, int Quantity, string UnitPrice);
