using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Carousel.Kafka;
using Carousel.Stages.Log;
using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Log.Kafka;
using Carousel.Stages.Tests.Log;
using Carousel.Stages.Tests.Simulation;
using Carousel.Testing;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Stages.Tests.EndToEnd;

/// <summary>Stages on a real broker, on real threads.</summary>
[OnEveryBroker]
[Collection(KafkaCollection.Name)]
public sealed class KafkaStageTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly KafkaOptions _options = TestKafka.RequireOrSkip();
    private readonly string _prefix = TestKafka.UniquePrefix();

    private string In => _prefix + "in";

    private string Out => _prefix + "out";

    private string ProgressTopic => _prefix + "progress";

    [Fact]
    public async Task Instances_come_and_go_and_one_freezes_and_each_record_comes_out_once_in_order()
    {
        const int RecordCount = 20_000;
        const int PartitionCount = 12;
        await TestKafka.CreateTopicsAsync(_options, PartitionCount, In, Out, ProgressTopic);
        await ProduceAsync(RecordCount, i => $"key-{i % 200}", i => $"{i}");
        var progress = new Progress();
        var progressOfFrozen = new Progress(progress);
        IRecordHandler handler = new Copy(Out, progress, delayMsMax: 100);
        var freezer = new Freezer();

        // The one that freezes is expelled as soon as a client can be, when its next poll stays away for longer than this. It is also how long the
        // broker waits for everybody in a rebalance, and takes the longest of all members'.
        _options.Properties["max.poll.interval.ms"] = "15000";
        await using var first = new Instance("first", MakeStage("0", new KafkaStageLog(_options, "first", NullLogger.Instance), handler));
        await using var frozen = new Instance("frozen", MakeStage("1", new InterceptedLog(new KafkaStageLog(_options, "frozen", NullLogger.Instance), freezer), new Copy(Out, progressOfFrozen, delayMsMax: 100)));
        await progressOfFrozen.ReachAsync(500, first, frozen);
        await using var third = new Instance("third", MakeStage("2", new KafkaStageLog(_options, "third", NullLogger.Instance), handler));
        await progress.ReachAsync(RecordCount / 2, first, frozen, third);
        freezer.Freeze();
        await first.DisposeAsync();
        await using var fourth = new Instance("fourth", MakeStage("0", new KafkaStageLog(_options, "fourth", NullLogger.Instance), handler));
        await progress.ReachAsync(RecordCount, fourth, third);
        await Eventually.TrueAsync(
            $"{RecordCount} records are in {Out}", () => TestKafka.ReadCommitted(_options, Out, PartitionCount).Count, count => count >= RecordCount, Patience);

        // Awake again it still holds finished results of partitions that are others' now.
        freezer.Thaw();
        await frozen.DisposeAsync();
        await third.DisposeAsync();
        await fourth.DisposeAsync();
        IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> records = TestKafka.ReadCommitted(_options, Out, PartitionCount);
        Assert.Equal(RecordCount, records.Select(Number).Distinct().Count());
        Assert.Equal(RecordCount, records.Count);
        Assert.All(
            records.GroupBy(record => Encoding.UTF8.GetString(record.Message.Key!)),
            key => Assert.True(key.Select(Number).Order().SequenceEqual(key.Select(Number)), $"{key.Key}: {string.Join(",", key.Select(Number))}"));
    }

    [Fact]
    public async Task Throughput_of_copying_is_printed()
    {
        const int RecordCount = 200_000;
        const int PartitionCount = 24;
        await TestKafka.CreateTopicsAsync(_options, PartitionCount, In, Out, ProgressTopic);
        string value = new('x', 300);
        await ProduceAsync(RecordCount, i => $"key-{i % 10_000}", _ => value);
        var progress = new Progress();
        using var committed = new CommittedRecords(RecordCount);
        TimeSpan cpuBefore = Process.GetCurrentProcess().TotalProcessorTime;
        long bytesBefore = GC.GetTotalAllocatedBytes();
        long started = Stopwatch.GetTimestamp();
        var timings = new Timings();
        var log = new InterceptedLog(new KafkaStageLog(_options, "copy", NullLogger.Instance), timings);
        await using var instance = new Instance("copying", MakeStage("0", log, new Copy(Out, progress, delayMsMax: 0), committed));
        await committed.First.WithinAsync("the first transaction is committed", Patience);
        TimeSpan toFirst = Stopwatch.GetElapsedTime(started);
        await committed.All.WithinAsync($"{RecordCount} records are committed", Patience, () => $"{committed.Count}");
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime - cpuBefore;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{RecordCount} records of 300 bytes, 24 partitions: {RecordCount / (elapsed - toFirst).TotalSeconds:N0} records/s after the first commit at {toFirst.TotalMilliseconds:N0} ms; "
            + $"{cpu.TotalMicroseconds / RecordCount:N1} µs CPU and {(GC.GetTotalAllocatedBytes() - bytesBefore) / RecordCount:N0} bytes allocated per record; "
            + $"{committed.Transactions} transactions of {committed.Milliseconds / committed.Transactions:N1} ms; {timings}"));
        await instance.DisposeAsync();
        Assert.Equal(RecordCount, TestKafka.ReadCommitted(_options, Out, PartitionCount).Count);
    }

    private static int Number(ConsumeResult<byte[]?, byte[]?> record) => int.Parse(Encoding.UTF8.GetString(record.Message.Value!), CultureInfo.InvariantCulture);

    private Stage MakeStage(string slot, IStageLog log, IRecordHandler handler, IMeterFactory? meters = null) => new(
        new StageOptions { Name = "copy", Group = _prefix + "group", Topics = [In], Slot = slot, ProgressTopic = ProgressTopic },
        log,
        handler,
        new TextDeadLetters(),
        new StageEnvironment(TimeProvider.System, Random.Shared, meters ?? new TestMeters(), NullLogger.Instance));

    private async Task ProduceAsync(int count, Func<int, string> key, Func<int, string> value)
    {
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClientSettings.Producer(_options, "test")).SetLogHandler((_, _) => { }).Build();
        int failed = 0;
        for (int i = 0; i < count; i++)
        {
            var message = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key(i)), Value = Encoding.UTF8.GetBytes(value(i)) };
            while (!TryProduce(message))
            {
                await Task.Run(() => producer.Poll(TimeSpan.FromMilliseconds(100)));
            }
        }

        await Task.Run(() => producer.Flush(Patience));
        Assert.Equal(0, failed);

        bool TryProduce(Message<byte[], byte[]> message)
        {
            try
            {
                producer.Produce(In, message, report => failed += report.Error.IsError ? 1 : 0);
                return true;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                return false;
            }
        }
    }

    /// <summary>A stage as its host runs it; disposing stops it gracefully and throws what it threw.</summary>
    private sealed class Instance : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly string _name;
        private Task? _stopped;

        public Instance(string name, Stage stage) => (_name, Task) = (name, stage.RunAsync(_stop.Token));

        public Task Task { get; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await (_stopped ??= Task.WithinAsync($"the {_name} stage has stopped", Patience));
        }
    }

    /// <summary>Which records a handler has ended; the event that a number of them is reached.</summary>
    private sealed class Progress(Progress? whole = null)
    {
        private readonly ConcurrentDictionary<(int Partition, long Offset), byte> _done = new();
        private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];

        public void Add(SourceRecord record)
        {
            whole?.Add(record);
            if (_done.TryAdd((record.Partition.Partition, record.Offset), 0))
            {
                lock (_waiting)
                {
                    _waiting.RemoveAll(waiting => _done.Count >= waiting.Count && waiting.Reached.TrySetResult());
                }
            }
        }

        public async Task ReachAsync(int count, params Instance[] running)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_waiting)
            {
                if (_done.Count >= count)
                {
                    return;
                }

                _waiting.Add((count, reached));
            }

            Task first = await Task.WhenAny([reached.Task, .. running.Select(instance => instance.Task)])
                .WithinAsync($"{count} records are handled", Patience, () => $"{_done.Count}");
            await first;
            Assert.True(reached.Task.IsCompleted, "A stage ended before all was handled.");
        }
    }

    private sealed class Copy(string topic, Progress progress, int delayMsMax) : IRecordHandler
    {
        public async ValueTask<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            if (delayMsMax > 0)
            {
                await Task.Delay(Random.Shared.Next(delayMsMax), cancellationToken);
                progress.Add(delivery.Record);
            }

            return new Outcome.Completed([new OutputRecord(topic, null, delivery.Record.Key, delivery.Record.Value, [])]);
        }
    }

    /// <summary>A process that is stopped, and later goes on as if nothing had been.</summary>
    private sealed class Freezer : ILogInterceptor
    {
        private volatile TaskCompletionSource? _frozen;

        public void Freeze() => _frozen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Thaw()
        {
            TaskCompletionSource frozen = _frozen!;
            _frozen = null;
            frozen.SetResult();
        }

        public Task BeforeAsync(LogOperation operation) => operation == LogOperation.Send ? Task.CompletedTask : _frozen?.Task ?? Task.CompletedTask;

        public Task AfterAsync(LogOperation operation) => BeforeAsync(operation);
    }

    /// <summary>Where the time goes. Calls of one operation never overlap; polls run beside the rest.</summary>
    private sealed class Timings : ILogInterceptor
    {
        private readonly ConcurrentDictionary<LogOperation, (long Started, int Count, TimeSpan Total)> _operations = new();

        public Task BeforeAsync(LogOperation operation)
        {
            _operations.AddOrUpdate(operation, _ => (Stopwatch.GetTimestamp(), 0, TimeSpan.Zero), (_, old) => old with { Started = Stopwatch.GetTimestamp() });
            return Task.CompletedTask;
        }

        public Task AfterAsync(LogOperation operation)
        {
            (long started, int count, TimeSpan total) = _operations[operation];
            _operations[operation] = (started, count + 1, total + Stopwatch.GetElapsedTime(started));
            return Task.CompletedTask;
        }

        public override string ToString() => string.Join(", ", _operations.Select(entry =>
            string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value.Count} x {entry.Value.Total.TotalMilliseconds / Math.Max(1, entry.Value.Count):0.###} ms")));
    }

    /// <summary>Hears of commits through the stage's own metrics.</summary>
    private sealed class CommittedRecords : IMeterFactory
    {
        private readonly TestMeters _meters = new();
        private readonly MeterListener _listener = new();
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CommittedRecords(int expected)
        {
            _listener.SetMeasurementEventCallback<long>((_, records, _, _) =>
            {
                Count += records;
                Transactions++;
                _first.TrySetResult();
                if (Count >= expected)
                {
                    _all.TrySetResult();
                }
            });
            _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => Milliseconds += seconds * 1_000);
        }

        public long Count { get; private set; }

        public int Transactions { get; private set; }

        public double Milliseconds { get; private set; }

        public Task First => _first.Task;

        public Task All => _all.Task;

        public Meter Create(MeterOptions options)
        {
            Meter meter = _meters.Create(options);
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter && instrument.Name is ("carousel.stage.committed" or "carousel.stage.transaction.duration"))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.Start();
            return meter;
        }

        public void Dispose()
        {
            _listener.Dispose();
            _meters.Dispose();
        }
    }
}
