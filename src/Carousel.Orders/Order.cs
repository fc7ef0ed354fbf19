namespace Carousel.Orders;

/// <summary>An order as a customer placed it. Only <see cref="OrderRules"/> says whether it is sound; this type holds what was read.</summary>
/// <param name="Amount">What is to be charged, in <paramref name="Currency"/>, 2 decimals.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="PaymentToken">Token of the payment instrument; never a card number.</param>
/// <param name="CreatedAt">UTC, microsecond precision.</param>
public sealed record Order(
    OrderId OrderId,
    string CustomerId,
    OrderStatus Status,
    string Currency,
    decimal Amount,
    IReadOnlyList<OrderLine> Lines,
    string PaymentToken,
    DateTime CreatedAt);

/// <param name="Quantity">At least 1.</param>
/// <param name="UnitPrice">At least 0, at most 4 decimals.</param>
public sealed record OrderLine(string Sku, int Quantity, decimal UnitPrice);

/// <summary>The symbols of the schema's enum, by name.</summary>
public enum OrderStatus
{
    Created,
    Validated,
    Fulfilled,
    Rejected,
}

/// <summary>An order whose customer and amount were verified and whose stock is reserved.</summary>
public sealed record ValidatedOrder(Order Order, DateTime ValidatedAt);

/// <summary>An order that was charged exactly once and released for shipment.</summary>
public sealed record FulfilledOrder(Order Order, DateTime ValidatedAt, Payment Payment, DateTime FulfilledAt);

/// <param name="PaymentId">The payment gateway's id of the charge.</param>
public sealed record Payment(string PaymentId, decimal Amount, string Currency, DateTime ChargedAt);
