using Carousel.Gateway.Problems;
using Carousel.Orders;

namespace Carousel.Gateway.Intake;

/// <summary>How intake answered an order: a problem, or an id and status.</summary>
internal readonly record struct AcceptResult(Problem? Problem, OrderId OrderId, OrderStatus Status)
{
    public static AcceptResult Accepted(OrderId orderId, OrderStatus status) => new(null, orderId, status);

    public static AcceptResult Refused(Problem problem) => new(problem, default, default);
}
