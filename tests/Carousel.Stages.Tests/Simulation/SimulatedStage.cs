using System.Diagnostics.Metrics;
using System.Text;
using Carousel.Stages.Engine;
using Carousel.Stages.Log;
using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Progress;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Stages.Tests.Simulation;

/// <summary>Stages over the in-memory log in simulated time: topics <c>in</c>, <c>out</c> and <c>dlq</c>, records of short text.</summary>
internal sealed class SimulatedStage
{
    public const string Group = "group";
    public const string ProgressTopic = "progress";

    public SimulatedStage(int partitionCount = 1, int seed = 1)
    {
        Scheduler = new Scheduler(seed);
        PartitionCount = partitionCount;
        Log = new InMemoryLog(Scheduler.Time);
        Log.CreateTopic("in", partitionCount);
        Log.CreateTopic("out", partitionCount);
        Log.CreateTopic("dlq", partitionCount);
        Log.CreateTopic(ProgressTopic, partitionCount);
        Port = Log;
        Options = new StageOptions { Name = "test", Group = Group, Topics = ["in"], ProgressTopic = ProgressTopic };
        DeadLetters = new TextDeadLetters();
    }

    public int PartitionCount { get; }

    public Scheduler Scheduler { get; }

    public InMemoryLog Log { get; }

    /// <summary>What the next stage gets as its log.</summary>
    public IStageLog Port { get; set; }

    public StageOptions Options { get; }

    /// <summary>What the next stage for single records gets instead of the engine's own lanes.</summary>
    public Func<IRecordHandler, Finisher, Circuit, StageContext, IDispatcher>? Dispatcher { get; set; }

    public IDeadLetterWriter DeadLetters { get; set; }

    public TestMeters Meters { get; } = new();

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public static SourcePartition In(int partition) => new("in", partition);

    public static string Text(SourceRecord record) => Encoding.UTF8.GetString(record.Value!);

    public static Outcome To(string topic, SourceRecord record, string prefix = "") => new Outcome.Completed(
        [new OutputRecord(topic, record.Partition.Partition, record.Key, Encoding.UTF8.GetBytes(prefix + Text(record)), [])]);

    /// <summary>Writes a record to <c>in</c>.</summary>
    public SourceRecord Append(string? key, string value, int partition = 0) =>
        Log.Append(new OutputRecord("in", partition, key is null ? null : Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), []));

    public void AppendMany(int count, Func<int, string?> key) => Enumerable.Range(0, count).ToList().ForEach(i => Append(key(i), $"{i}", i % PartitionCount));

    public List<string> Read(string topic) => [.. Log.ReadCommitted(topic).Select(Text)];

    /// <summary>What the log holds of a partition's progress that belongs to the committed offset; null when there is nothing.</summary>
    public PartitionProgress? CommittedProgress(int partition = 0)
    {
        byte[] key = ProgressFormat.Key(Group, In(partition));
        byte[]? value = Log.ReadCommitted(ProgressTopic).LastOrDefault(record => record.Partition.Partition == partition && key.AsSpan().SequenceEqual(record.Key))?.Value;
        PartitionProgress? progress = value is null ? null : ProgressFormat.Read(value);
        return progress?.Base == Log.CommittedOffset(Group, In(partition)) ? progress : null;
    }

    /// <summary>How many records are finished, at and above the committed offset, by what the log holds.</summary>
    public long FinishedCount(int partition = 0) =>
        (Log.CommittedOffset(Group, In(partition)) ?? 0) + (CommittedProgress(partition)?.Done.Sum(run => run.End - run.First) ?? 0);

    public RunningStage Start(Func<Delivery, CancellationToken, Task<Outcome>> handler, string slot = "0") => Run(slot, options => Dispatcher is { } dispatcher
        ? new Stage(options, Port, DeadLetters, Environment(), (finisher, circuit, context) => dispatcher(new RecordHandler(handler), finisher, circuit, context))
        : new Stage(options, Port, new RecordHandler(handler), DeadLetters, Environment()));

    public RunningStage Start(Func<Delivery, Task<Outcome>> handler, string slot = "0") => Start((delivery, _) => handler(delivery), slot);

    public RunningStage StartBatches(Func<IReadOnlyList<SourceRecord>, CancellationToken, Task<IReadOnlyList<Outcome>>> handler, string slot = "0") => Run(
        slot, options => new Stage(options, Port, new BatchHandler(handler), DeadLetters, Environment()));

    public bool IsConsumed() => Enumerable.Range(0, PartitionCount).All(i => (Log.CommittedOffset(Group, In(i)) ?? 0) >= Log.EndOffset(In(i)));

    public void RunUntilConsumed(RunningStage? stage = null) => RunUntil("everything is consumed", IsConsumed, stage);

    public void RunUntil(string what, Func<bool> condition, RunningStage? stage = null)
    {
        Scheduler.RunUntil(what, () => condition() || stage is { Task.IsFaulted: true }, Describe);
        if (!condition())
        {
            stage?.Task.GetAwaiter().GetResult();
        }
    }

    /// <summary>Stops the stage as its host does.</summary>
    public void Stop(RunningStage stage)
    {
        Scheduler.Under(() =>
        {
            stage.Stop.Cancel();
            return true;
        });
        Scheduler.RunToEnd("the stage has stopped", stage.Task);
    }

    private string Describe() => string.Join(", ", Enumerable.Range(0, PartitionCount).Select(i => $"{In(i)} at {Log.CommittedOffset(Group, In(i))} of {Log.EndOffset(In(i))}"));

    private StageEnvironment Environment() => new(Scheduler.Time, Scheduler.Random, Meters, Logger);

    private RunningStage Run(string slot, Func<StageOptions, Stage> make)
    {
        Options.Slot = slot;
        var options = new StageOptions
        {
            Name = Options.Name,
            Group = Options.Group,
            Topics = Options.Topics,
            Slot = slot,
            ProgressTopic = Options.ProgressTopic,
            StaticMembership = Options.StaticMembership,
            WindowRecordsMax = Options.WindowRecordsMax,
            WindowBytesMax = Options.WindowBytesMax,
            BatchRecordsMax = Options.BatchRecordsMax,
            BatchLinger = Options.BatchLinger,
            TransactionRecordsMax = Options.TransactionRecordsMax,
            TransactionInterval = Options.TransactionInterval,
            Retry = Options.Retry,
            RevokeDrainMax = Options.RevokeDrainMax,
            ShutdownDrainMax = Options.ShutdownDrainMax,
        };
        var stop = new CancellationTokenSource();
        Stage stage = make(options);
        return new RunningStage(stage, Scheduler.Under(() => stage.RunAsync(stop.Token)), stop);
    }

    private sealed class RecordHandler(Func<Delivery, CancellationToken, Task<Outcome>> handle) : IRecordHandler
    {
        public async ValueTask<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken) => await handle(delivery, cancellationToken);
    }

    private sealed class BatchHandler(Func<IReadOnlyList<SourceRecord>, CancellationToken, Task<IReadOnlyList<Outcome>>> handle) : IBatchHandler
    {
        public async ValueTask<IReadOnlyList<Outcome>> HandleAsync(IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken) =>
            await handle(records, cancellationToken);
    }
}

internal sealed record RunningStage(Stage Stage, Task Task, CancellationTokenSource Stop);

/// <summary>Dead letters as text: kind, reason, attempts, value.</summary>
internal sealed class TextDeadLetters : IDeadLetterWriter
{
    /// <summary>How many times writing one fails, because a dependency is away.</summary>
    public int Failures { get; set; }

    public ValueTask<OutputRecord> WriteAsync(SourceRecord source, Outcome.DeadLettered outcome, int attempts, DateTime failedAt, CancellationToken cancellationToken)
    {
        if (Failures-- > 0)
        {
            throw new DependencyUnavailableException("registry", "no answer");
        }

        string text = $"{outcome.Kind} {outcome.Reason} {attempts} {SimulatedStage.Text(source)}";
        return ValueTask.FromResult(new OutputRecord("dlq", source.Partition.Partition, source.Key, Encoding.UTF8.GetBytes(text), []));
    }
}

/// <summary>Meters that a test can listen to.</summary>
internal sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public bool Owns(Meter meter) => _meters.Contains(meter);

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose() => _meters.ForEach(meter => meter.Dispose());
}
