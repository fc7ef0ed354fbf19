using Carousel.Orders;

namespace Carousel.Gateway.Status;

internal static class OrderStatusNames
{
    public static string Name(this OrderStatus status) => status switch
    {
        OrderStatus.Created => "CREATED",
        OrderStatus.Validated => "VALIDATED",
        OrderStatus.Fulfilled => "FULFILLED",
        OrderStatus.Rejected => "REJECTED",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    public static bool IsEnd(this OrderStatus status) => status is OrderStatus.Fulfilled or OrderStatus.Rejected;
}
