using Carousel.Broker.Apis;
using Carousel.Broker.Hosting;
using Carousel.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Hosting;

/// <summary>A registry of connections without sockets, whose time the test moves.</summary>
internal sealed class TestConnections : IAsyncDisposable
{
    private readonly TestMeters _meters = new();
    private readonly CancellationTokenSource _clientsGone = new();
    private readonly List<Task> _served = [];

    public TestConnections(BrokerOptions options, params ApiHandler[] handlers)
    {
        Memory = new RequestMemory(options.RequestMemoryBytesMax, options.RetainedBytesMax);
        Responses = new MemoryBudget(options.FetchMemoryBytesMax);
        var metrics = new BrokerMetrics(_meters, Memory, Responses);
        var apis = new ApiTable(handlers, new BrokerFeatures(1, [new BrokerFeature("transaction.version", 0, 2, 2)]));
        Registry = new ConnectionRegistry(new ConnectionServices(apis, Memory, options.Limits, metrics, Log, Time), Responses, options.ConnectionsMax);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch);

    public CapturedLog Log { get; } = new();

    public RequestMemory Memory { get; }

    public MemoryBudget Responses { get; }

    public ConnectionRegistry Registry { get; }

    public static BrokerOptions Options => new() { DataDirectory = "unused" };

    public TestClient Connect() => Connect(out _);

    public TestClient Connect(out Task served)
    {
        (DuplexPipe client, DuplexPipe server) = DuplexPipe.Pair();
        served = Registry.ServeAsync(server, $"client-{_served.Count}", "/127.0.0.1", _clientsGone.Token);
        _served.Add(served);
        return new TestClient(client);
    }

    /// <summary>Moves the time in steps, as the registry's timer does, until the connection ends; returns how much passed.</summary>
    public async Task<TimeSpan> PassUntilEndAsync(Task served, TimeSpan step, Func<int, Task>? before = null)
    {
        const int StepsMax = 100_000;
        for (int steps = 0; ; steps++)
        {
            if (served.IsCompleted)
            {
                return steps * step;
            }

            Assert.True(steps < StepsMax, $"The connection goes on after {steps * step}.");
            await (before?.Invoke(steps) ?? Task.CompletedTask);
            Time.Advance(step);
            Registry.Sweep();
            await Task.Yield();
        }
    }

    /// <summary>Awaits the end of a connection and tells what the log says of it.</summary>
    public async Task<string> ReasonAsync(Task served)
    {
        await served.WithinAsync("the connection ends", TestClient.Timeout, () => string.Join(" | ", Log.Lines));
        return Log.Lines.Last();
    }

    public async ValueTask DisposeAsync()
    {
        await Registry.StopAsync(TimeSpan.Zero).WithinAsync("all connections end", TestClient.Timeout);
        await Task.WhenAll(_served);
        await _clientsGone.CancelAsync();
        _clientsGone.Dispose();
        _meters.Dispose();
        Assert.Equal(0, Memory.BytesInUse);
        Assert.Equal(0, Responses.BytesInUse);
    }
}
