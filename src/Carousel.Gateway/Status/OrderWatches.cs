using System.Threading.Channels;
using Carousel.Orders;

namespace Carousel.Gateway.Status;

/// <summary>
/// Follows orders for whoever watches: one loop per order that asks the store, however many watch it. The last to leave ends the loop and waits for it.
/// </summary>
internal sealed class OrderWatches(StatusLookup statuses, GatewayOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<OrderId, Watch> _watches = [];

    /// <summary>Changes after <paramref name="known"/>, until the order has ended or the subscription is disposed of.</summary>
    public Subscription Subscribe(OrderStatusView known)
    {
        lock (_lock)
        {
            if (!_watches.TryGetValue(known.OrderId, out Watch? watch))
            {
                _watches[known.OrderId] = watch = new Watch();
                watch.Loop = RunAsync(known.OrderId, watch);
            }

            var subscription = new Subscription(this, watch, known);
            watch.Subscriptions.Add(subscription);
            return subscription;
        }
    }

    private async Task RunAsync(OrderId orderId, Watch watch)
    {
        CancellationToken cancellationToken = watch.Ended.Token;
        using var timer = new PeriodicTimer(options.EventPollInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                StatusLookupResult result = await statuses.FindAsync(orderId, cancellationToken);
                if (result.View is { } view)
                {
                    Publish(watch, view);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody watches any more.
        }
    }

    private void Publish(Watch watch, OrderStatusView view)
    {
        lock (_lock)
        {
            foreach (Subscription subscription in watch.Subscriptions)
            {
                subscription.OfferNeedsLock(view);
            }
        }
    }

    private async ValueTask LeaveAsync(Subscription subscription, Watch watch)
    {
        lock (_lock)
        {
            watch.Subscriptions.Remove(subscription);
            if (watch.Subscriptions.Count > 0)
            {
                return;
            }

            _watches.Remove(subscription.OrderId);
        }

        await watch.Ended.CancelAsync();
        await watch.Loop;
        watch.Ended.Dispose();
    }

    internal sealed class Watch
    {
        public HashSet<Subscription> Subscriptions { get; } = [];

        public CancellationTokenSource Ended { get; } = new();

        public Task Loop { get; set; } = Task.CompletedTask;
    }

    internal sealed class Subscription(OrderWatches owner, Watch watch, OrderStatusView known) : IAsyncDisposable
    {
        // An order changes three times at most; a reader that is slower than that sees the latest.
        private readonly Channel<OrderStatusView> _changes =
            Channel.CreateBounded<OrderStatusView>(new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.DropOldest });

        private OrderStatusView _last = known;

        public OrderId OrderId => _last.OrderId;

        public ChannelReader<OrderStatusView> Changes => _changes.Reader;

        public void OfferNeedsLock(OrderStatusView view)
        {
            if (view.Status != _last.Status || view.Reason != _last.Reason || view.PaymentId != _last.PaymentId)
            {
                _last = view;
                _changes.Writer.TryWrite(view);
            }

            if (view.Status.IsEnd())
            {
                _changes.Writer.TryComplete();
            }
        }

        public ValueTask DisposeAsync() => owner.LeaveAsync(this, watch);
    }
}
