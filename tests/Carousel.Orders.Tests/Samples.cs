using CsCheck;

namespace Carousel.Orders.Tests;

/// <summary>Orders for tests: one fixed, and any sound one.</summary>
internal static class Samples
{
    public static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    public static readonly Order Order = new(
        OrderId.Parse("ord-1"),
        "cust-1",
        OrderStatus.Created,
        "GBP",
        15.30m,
        [new OrderLine("85123A", 6, 2.55m)],
        "tok",
        Noon);

    private static readonly Gen<string> Text = Gen.String[Gen.Char['!', '~'], 1, 64];

    private static readonly Gen<OrderLine> Line = Gen.Select(
        Text, Gen.Int[1, int.MaxValue], Gen.Long[0, 10_000_000].Select(units => units / 10_000m), (sku, quantity, price) => new OrderLine(sku, quantity, price));

    /// <summary>Sound orders, apart from those whose amount is 0 or whose token happens to be a card number.</summary>
    public static Gen<Order> Orders { get; } = Gen.Select(
        Text,
        Text,
        Text,
        Gen.Int[0, 2].Select(i => ((string[])["GBP", "EUR", "JPY"])[i]),
        Line.List[1, 30],
        Gen.Enum<OrderStatus>(),
        Gen.Long[0, 4_000_000_000_000_000],
        (id, customer, token, currency, lines, status, micros) => new Order(
            OrderId.Parse(id), customer, status, currency, OrderRules.Total(lines), lines, token, DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond)));
}
