using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Carousel.Orders;

namespace Carousel.Gateway.Intake;

/// <summary>
/// The orders with an Idempotency-Key that this instance is writing or wrote lately, by id: requests with one key at the same time share one write,
/// and another body under a known key is noticed before validation has recorded the first. Bounded, the oldest leave first. Thread-safe.
/// </summary>
internal sealed class RecentOrders(int capacity)
{
    private readonly ConcurrentDictionary<OrderId, RecentOrder> _orders = new();
    private readonly ConcurrentQueue<RecentOrder> _accepted = new();
    private int _acceptedCount;

    /// <summary>True for the caller that has to write the order and then call <see cref="Accepted"/> or <see cref="Failed"/>.</summary>
    public bool TryClaim(OrderId orderId, byte[] fingerprint, [NotNull] out RecentOrder? order)
    {
        var mine = new RecentOrder(orderId, fingerprint);
        order = _orders.GetOrAdd(orderId, mine);
        return ReferenceEquals(order, mine);
    }

    public void Accepted(RecentOrder order, AcceptResult result)
    {
        order.Complete(result);
        _accepted.Enqueue(order);
        if (Interlocked.Increment(ref _acceptedCount) > capacity && _accepted.TryDequeue(out RecentOrder? oldest))
        {
            Interlocked.Decrement(ref _acceptedCount);
            _orders.TryRemove(new KeyValuePair<OrderId, RecentOrder>(oldest.OrderId, oldest));
        }
    }

    /// <summary>Forgotten before those who wait learn of it, so that their next try starts anew.</summary>
    public void Failed(RecentOrder order, AcceptResult result)
    {
        _orders.TryRemove(new KeyValuePair<OrderId, RecentOrder>(order.OrderId, order));
        order.Complete(result);
    }
}

/// <param name="fingerprint">Of the order that came first.</param>
internal sealed class RecentOrder(OrderId orderId, byte[] fingerprint)
{
    private readonly TaskCompletionSource<AcceptResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OrderId OrderId { get; } = orderId;

    public ReadOnlySpan<byte> Fingerprint => fingerprint;

    /// <summary>How the first request ended, or will.</summary>
    public Task<AcceptResult> Result => _result.Task;

    public void Complete(AcceptResult result) => _result.TrySetResult(result);
}
