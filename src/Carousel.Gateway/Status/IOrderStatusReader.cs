using Carousel.Orders;

namespace Carousel.Gateway;

/// <summary>Where the gateway learns what became of an order: validation's database, as a rule.</summary>
public interface IOrderStatusReader
{
    /// <summary>
    /// The order's recorded status, or null when nobody has recorded the id yet. Any exception means that the store can't be asked now:
    /// orders are accepted all the same, and reading is answered 503. Called often and at the same time from many threads.
    /// </summary>
    ValueTask<OrderStatusView?> FindAsync(OrderId orderId, CancellationToken cancellationToken);
}

/// <param name="Client">Name of the API client that posted it (header <see cref="OrderHeaders.Client"/>); null for records of other producers, which only an operator reads.</param>
/// <param name="Fingerprint"><see cref="OrderFingerprint"/> of the order as recorded; empty where unknown.</param>
/// <param name="Reason">Stable code of a rejection.</param>
/// <param name="Detail">One sentence for a person.</param>
/// <param name="PaymentId">The payment gateway's id of the charge.</param>
public sealed record OrderStatusView(
    OrderId OrderId,
    string? Client,
    OrderStatus Status,
    ReadOnlyMemory<byte> Fingerprint,
    string? Reason = null,
    string? Detail = null,
    DateTime? CreatedAt = null,
    DateTime? ValidatedAt = null,
    DateTime? FulfilledAt = null,
    string? PaymentId = null);
