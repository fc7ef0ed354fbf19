using System.Collections.Concurrent;
using Carousel.Orders;

namespace Carousel.Gateway.Tests;

internal sealed class FakeStatusReader : IOrderStatusReader
{
    private int _calls;

    public ConcurrentDictionary<string, OrderStatusView> Views { get; } = new();

    public bool IsDown { get; set; }

    public int Calls => Volatile.Read(ref _calls);

    public ValueTask<OrderStatusView?> FindAsync(OrderId orderId, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        return IsDown
            ? throw new InvalidOperationException("database is away")
            : ValueTask.FromResult(Views.GetValueOrDefault(orderId.ToString()));
    }
}
