using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Log;
using Carousel.Testing;
using Carousel.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Partitions;

/// <summary>A data directory on a simulated disk, opened and running. <see cref="Kill"/> ends it without closing; disposing closes it cleanly.</summary>
internal sealed class TestBroker : IAsyncDisposable
{
    public const string Directory = "/data";
    public static readonly TopicPartition Orders = new("orders", 0);
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private TestBroker(PartitionSet set, SimulatedFileSystem disk, FakeTimeProvider time, LoggedLines log)
    {
        (Set, Disk, Time, Log) = (set, disk, time, log);
        _running = set.RunAsync(_stop.Token);
    }

    public PartitionSet Set { get; }

    public SimulatedFileSystem Disk { get; }

    public FakeTimeProvider Time { get; }

    public LoggedLines Log { get; }

    /// <summary>Ends when the broker does; failed where its disk failed.</summary>
    public Task Running => _running;

    public static async Task<TestBroker> OpenAsync(SimulatedFileSystem? disk = null, FakeTimeProvider? time = null, Action<PartitionSetOptions>? configure = null)
    {
        disk ??= new SimulatedFileSystem();
        time ??= new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(TestBatches.Time));

        // Upkeep happens when a test asks for it, unless it sets these.
        TimeSpan never = TimeSpan.FromDays(40);
        var options = new PartitionSetOptions { DataDirectory = Directory, CheckpointInterval = never, RetentionInterval = never, CleanerInterval = never };
        configure?.Invoke(options);
        var log = new LoggedLines();
        using ILoggerFactory loggers = LoggerFactory.Create(builder => builder.AddProvider(log).SetMinimumLevel(LogLevel.Trace));
        return new TestBroker(await PartitionSet.OpenAsync(options, disk, loggers, time, CancellationToken.None), disk, time, log);
    }

    /// <summary>The partition; made if it isn't there.</summary>
    public Partition Get(TopicPartition? name = null, LogSettings? settings = null)
    {
        Partition partition = Set.TryGet(name ?? Orders, out Partition? found) ? found : Set.Create(name ?? Orders, Guid.NewGuid(), settings ?? LogSettings.Default);
        partition.Settings = settings ?? partition.Settings;
        return partition;
    }

    /// <summary>The process is gone, the machine stays.</summary>
    public async Task<SimulatedFileSystem> Kill()
    {
        await _stop.CancelAsync();
        await _running.WithinAsync("the loops end", Patience);
        return Disk.Kill();
    }

    /// <summary>The machine is gone, and comes back.</summary>
    public async Task<SimulatedFileSystem> PowerLoss(int seed)
    {
        SimulatedFileSystem found = Disk.PowerLoss(seed);
        await _stop.CancelAsync();
        await _running.WithinAsync("the loops end", Patience);
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WithinAsync("the loops end", Patience);
        await Set.DisposeAsync();
        _stop.Dispose();
    }
}

/// <summary>Keeps what was logged, as lines.</summary>
internal sealed class LoggedLines : ILoggerProvider, ILogger
{
    private readonly List<string> _lines = [];

    public string Text
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
        {
            _lines.Add($"{logLevel} {formatter(state, exception)}");
        }
    }

    public void Dispose()
    {
    }
}

internal static class PartitionCalls
{
    /// <summary>Appends as a client does with acks=all.</summary>
    public static async Task<AppendResult> ProduceAsync(this Partition partition, byte[] batch)
    {
        AppendResult result = partition.Append(batch, AppendOrigin.Client);
        Assert.True(result.IsSuccess, $"{result.Error}: {result.Reason}");
        await partition.DurableAsync(result.LastOffset);
        return result;
    }

    public static async Task DurableAsync(this Partition partition, long offset)
    {
        ErrorCode error = await partition.WaitUntilDurableAsync(offset, CancellationToken.None).AsTask()
            .WithinAsync($"offset {offset} of {partition.Name} is durable", TestBroker.Patience, () => $"high watermark {partition.HighWatermark}");
        Assert.Equal(ErrorCode.None, error);
    }

    /// <summary>The values of all records from an offset on, by as many reads as it takes.</summary>
    public static List<(long Offset, string Value)> ReadValues(this Partition partition, long offset = 0, bool readCommitted = false, int bytesMax = 1 << 20)
    {
        var values = new List<(long, string)>();
        while (true)
        {
            using ReadResult result = partition.Read(offset, bytesMax, readCommitted, minOneBatch: true);
            Assert.Equal(ErrorCode.None, result.Error);
            if (result.Records.IsEmpty)
            {
                return values;
            }

            TestBatches.Visit(result.Records.Span, readCommitted ? result.AbortedTransactions : [], offset, values);
            offset = result.NextOffset;
        }
    }
}
