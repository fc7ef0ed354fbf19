using Carousel.Cli.Loading;
using Carousel.Monitor.Audit;
using Carousel.Orders.Avro;
using Carousel.Registry.Client;
using Carousel.Testing;
using Carousel.Testing.Pipeline;
using HdrHistogram;

namespace Carousel.Bench;

/// <summary>A pipeline of processes whose stages stand still while orders are posted, and are started to work them off, as often as wanted.</summary>
internal sealed class DrainedPipeline : IAsyncDisposable
{
    private const int Customers = 20_000;
    private const int LinesMax = 5;
    private readonly TestPipeline _pipeline;
    private readonly RegistryClient _registry;
    private readonly FulfilledWatch _watch;
    private long _seed;

    private DrainedPipeline(TestPipeline pipeline)
    {
        _pipeline = pipeline;
        _registry = new RegistryClient(new HttpClient(), pipeline.Settings.Registry);
        _watch = new FulfilledWatch(pipeline.Settings.Kafka, pipeline.Settings.Topics, new OrderValues(pipeline.Settings.Topics, _registry));
    }

    /// <summary>Seeds, starts everything, and stops the stages again.</summary>
    /// <param name="skus">Items on the shelf: orders may name fewer.</param>
    public static async Task<DrainedPipeline> StartAsync(string kafka, int skus)
    {
        var pipeline = new TestPipeline(kafka, TestKafka.UniquePrefix(), stageLogLevel: "Information");
        try
        {
            await pipeline.StartAsync(Generator(orders: 1, skus, seed: 1).Seed);
            await pipeline.Validation.StopAsync();
            await pipeline.Fulfillment.StopAsync();
            return new DrainedPipeline(pipeline);
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }
    }

    /// <summary>Posts orders, then starts the stages, waits until all are fulfilled, and stops them.</summary>
    /// <param name="paymentMs">How long each payment takes; 0 for no longer than it must.</param>
    public async Task<Drained> DrainAsync(int orders, int skus, double paymentMs)
    {
        await SetPaymentsAsync(paymentMs);
        await _pipeline.PostAsync(Generator(orders, skus, ++_seed).Orders(), batchSize: 500, concurrency: 4);
        await BalancedTurns.SettleDiskAsync();
        DateTimeOffset started = TimeProvider.System.GetUtcNow();
        await StartStagesAsync();
        TimeSpan first = default;
        TimeSpan last = default;
        IReadOnlyList<DateTimeOffset> tenths = await _watch.ReadAsync(orders, TimeProvider.System, tenth =>
        {
            first = tenth == 1 ? Cpu() : first;
            last = tenth == 9 ? Cpu() : last;
        });
        var drained = new Drained(orders, tenths[^1] - started, tenths[8] - tenths[0], Cpu(), last - first, PeakMemoryBytes());
        await StopStagesAsync();
        return drained;
    }

    /// <summary>Orders posted at a steady rate while the stages run.</summary>
    /// <returns>Microseconds from acceptance to fulfilment.</returns>
    public async Task<LongHistogram> LatencyAsync(double ratePerSecond, TimeSpan duration, int skus, double paymentMs)
    {
        int orders = Math.Max(1_000, (int)(ratePerSecond * duration.TotalSeconds));
        await SetPaymentsAsync(paymentMs);
        await StartStagesAsync();

        // The first ones meet processes that have just begun, and aren't counted.
        await PostSteadilyAsync(orders / 2, skus, ratePerSecond);
        _watch.ResetLatency();
        await PostSteadilyAsync(orders, skus, ratePerSecond);
        await StopStagesAsync();
        return _watch.Latency;
    }

    /// <summary>A rate with broken books is none: throws unless they are balanced.</summary>
    public async Task<AuditReport> AuditAsync()
    {
        await StartStagesAsync();
        return await _pipeline.EndBalancedAsync(TimeSpan.FromMinutes(10), memoryMax: long.MaxValue);
    }

    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        _registry.Dispose();
        await _pipeline.DisposeAsync();
    }

    private async Task PostSteadilyAsync(int orders, int skus, double ratePerSecond)
    {
        Task<IReadOnlyList<DateTimeOffset>> reading = Task.Run(() => _watch.ReadAsync(orders, TimeProvider.System));
        await _pipeline.PostAsync(Generator(orders, skus, ++_seed).Orders(), ratePerSecond, concurrency: 256);
        await reading;
    }

    private Task StartStagesAsync() => Task.WhenAll(_pipeline.Validation.StartAsync(), _pipeline.Fulfillment.StartAsync());

    private Task StopStagesAsync() => Task.WhenAll(_pipeline.Validation.StopAsync(), _pipeline.Fulfillment.StopAsync());

    private Task SetPaymentsAsync(double paymentMs) => _pipeline.SetFaultsAsync(paymentMs > 0
        ? new { latency = new { distribution = "fixed", medianMs = paymentMs } }
        : (object)new { latency = new { distribution = "none" } });

    private TimeSpan Cpu() => ProcessUsage.Of(_pipeline.Validation.Id).Cpu + ProcessUsage.Of(_pipeline.Fulfillment.Id).Cpu;

    private long PeakMemoryBytes() => ProcessUsage.Of(_pipeline.Validation.Id).PeakMemoryBytes + ProcessUsage.Of(_pipeline.Fulfillment.Id).PeakMemoryBytes;

    private static OrderGenerator Generator(int orders, int skus, long seed) =>
        new(new OrderGeneratorOptions { Orders = orders, Customers = Customers, Skus = skus, LinesMax = LinesMax, Seed = seed, StockPerSku = 1_000_000_000 });
}
