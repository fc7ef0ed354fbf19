using Carousel.Gateway;
using Carousel.Orders;
using Carousel.Validation.Reservations;

namespace Carousel.Cli.Composition;

/// <summary>Shows the gateway validation's reservations as order statuses.</summary>
internal sealed class ReservationStatusReader(IReservationReader reservations) : IOrderStatusReader
{
    public async ValueTask<OrderStatusView?> FindAsync(OrderId orderId, CancellationToken cancellationToken) =>
        await reservations.FindAsync(orderId, cancellationToken) is { } found
            ? new OrderStatusView(
                found.OrderId,
                found.Client,
                Status(found.State),
                found.Fingerprint,
                found.Reason,
                found.Detail,
                found.CreatedAt,
                found.ValidatedAt,
                found.State == ReservationState.Sold ? found.SettledAt : null,
                found.PaymentId)
            : null;

    public static OrderStatus Status(ReservationState state) => state switch
    {
        ReservationState.Reserved => OrderStatus.Validated,
        ReservationState.Sold => OrderStatus.Fulfilled,
        ReservationState.Rejected or ReservationState.Released => OrderStatus.Rejected,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "unknown state of a reservation"),
    };
}
