using Carousel.Orders;

namespace Carousel.Gateway.Intake;

/// <summary>
/// An order as its JSON said. Where a field is missing or unreadable a sound placeholder stands, and <see cref="Violations"/> says what was wrong,
/// so that the rules can still be checked for the rest and one answer names everything.
/// </summary>
internal sealed class OrderDraft
{
    private static readonly OrderLine PlaceholderLine = new("x", 1, 1m);

    public string CustomerId { get; set; } = "x";

    public string Currency { get; set; } = "GBP";

    public string PaymentToken { get; set; } = "x";

    /// <summary>As stated; null where it wasn't.</summary>
    public decimal? Amount { get; set; }

    public string? IdempotencyKey { get; set; }

    public List<OrderLine> Lines { get; set; } = [PlaceholderLine];

    public List<RuleViolation> Violations { get; } = [];

    /// <summary>The order, or null and everything that is wrong with it.</summary>
    public Order? ToOrder(DateTime createdAt, out IReadOnlyList<RuleViolation> violations)
    {
        decimal total = Lines.TrueForAll(line => Math.Abs(line.UnitPrice) <= OrderRules.UnitPriceMax) ? OrderRules.Total(Lines) : 0;
        var order = new Order(default, CustomerId, OrderStatus.Created, Currency, Amount ?? total, Lines, PaymentToken, createdAt);
        IReadOnlyList<RuleViolation> broken = OrderRules.Check(order);
        if (Violations.Count > 0)
        {
            // A sum over placeholders says nothing about the amount.
            Violations.AddRange(broken.Where(violation => violation.Field != "amount").Take(OrderRules.ViolationsMax - Violations.Count));
            violations = Violations;
            return null;
        }

        violations = broken;
        return broken.Count == 0 ? order with { Amount = total } : null;
    }
}
