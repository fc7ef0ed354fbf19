using Carousel.Orders;

namespace Carousel.Fulfillment;

/// <summary>
/// The provider's reference and idempotency key of an order's charge, <c>{orderId}:charge:{number}</c>. It is made of nothing that changes across a
/// crash, a rebalance or a redrive, so whoever charges an order again asks for the same charge.
/// </summary>
public static class ChargeReference
{
    private const string First = ":charge:1";

    public static string Of(OrderId id) => id + First;
}
