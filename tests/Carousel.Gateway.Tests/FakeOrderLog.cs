using System.Collections.Concurrent;
using Carousel.Gateway.OrderLog;

namespace Carousel.Gateway.Tests;

/// <summary>A log in memory whose answers a test can hold back or replace.</summary>
internal sealed class FakeOrderLog : IOrderLog
{
    public ConcurrentQueue<OrderRecord> Records { get; } = new();

    /// <summary>What a record has to wait for before it counts as written.</summary>
    public Func<OrderRecord, Task> BeforeWrite { get; set; } = _ => Task.CompletedTask;

    public (int Records, long Bytes) Waiting => (0, 0);

    public string? Trouble { get; set; }

    public async Task AppendAsync(OrderRecord record)
    {
        await BeforeWrite(record);
        Records.Enqueue(record);
    }

    public void Fail(OrderLogFailure failure) => BeforeWrite = _ => throw new OrderLogException(failure, "the test says so");
}
