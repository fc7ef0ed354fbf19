using System.Diagnostics.Metrics;
using Carousel.Stages.Engine;
using Carousel.Stages.Log;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages;

/// <summary>
/// Consumes records, runs a handler and produces results, exactly once: outputs, dead letters and offsets are in one transaction of the log.
/// Three loops share the work: intake fetches and dispatches, the dispatcher runs handlers in order per key, the commit loop writes what is finished.
/// </summary>
public sealed partial class Stage
{
    /// <summary>For OpenTelemetry: the stage's spans.</summary>
    public const string ActivitySourceName = StageTracing.SourceName;

    /// <summary>For OpenTelemetry: the stage's metrics.</summary>
    public const string MeterName = StageMetrics.MeterName;

    // Whoever owns the scheduler that a stage was started on owns every step of it: nothing hops to the pool, here or by CancelAsync.
    private const ConfigureAwaitOptions EndQuietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;
    private readonly StageOptions _options;
    private readonly IStageLog _log;
    private readonly IDeadLetterWriter _deadLetters;
    private readonly StageEnvironment _environment;
    private readonly Func<Finisher, Circuit, StageContext, IDispatcher> _dispatcher;
    private volatile Func<StageSnapshot>? _snapshot;

    public Stage(StageOptions options, IStageLog log, IRecordHandler handler, IDeadLetterWriter deadLetters, StageEnvironment environment)
        : this(options, log, deadLetters, environment, (finisher, circuit, context) => new LaneDispatcher(handler, finisher, circuit, context))
    {
    }

    public Stage(StageOptions options, IStageLog log, IBatchHandler handler, IDeadLetterWriter deadLetters, StageEnvironment environment)
        : this(options, log, deadLetters, environment, (finisher, circuit, context) => new BatchDispatcher(handler, finisher, circuit, context))
    {
    }

    /// <param name="dispatcher">How records become calls of a handler.</param>
    internal Stage(
        StageOptions options, IStageLog log, IDeadLetterWriter deadLetters, StageEnvironment environment,
        Func<Finisher, Circuit, StageContext, IDispatcher> dispatcher)
    {
        _options = options;
        _log = log;
        _deadLetters = deadLetters;
        _environment = environment;
        _dispatcher = dispatcher;
    }

    /// <summary>Where the records are; null while the stage isn't running. It may be asked at any time, and costs a look at each record in hand.</summary>
    public StageSnapshot? Snapshot() => _snapshot?.Invoke();

    /// <summary>
    /// Runs until cancelled, then finishes and commits what is in flight, within <see cref="StageOptions.ShutdownDrainMax"/>.
    /// Throws what a handler threw, or a fatal <see cref="LogException"/>; nothing unfinished was committed then.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ILogger logger = _environment.Logger;
        using var metrics = new StageMetrics(_environment.Meters, _options.Name);
        using var circuit = new Circuit(
            _options.Retry, _environment.Time, _environment.Random,
            (dependency, detail, failures) => LogCircuitOpened(logger, _options.Name, dependency, detail, failures),
            dependency => LogCircuitClosed(logger, _options.Name, dependency));
        var context = new StageContext(_options, metrics, _environment.Time, _environment.Random, logger);
        var finished = new FinishedSlots();
        var window = new Window(_options.WindowRecordsMax, _options.WindowBytesMax);
        var assignment = new Assignment(_options, finished, _environment.Time, logger);
        IDispatcher dispatcher = _dispatcher(new Finisher(_deadLetters, metrics, finished, _environment.Time), circuit, context);
        await using IStageConsumer consumer = _log.Join(Subscription(), assignment);
        var progressLog = new ProgressLog(_log, consumer, context);
        var intake = new Intake(consumer, assignment, window, dispatcher, progressLog, context);
        var producers = new ProducerOwner(_log, context);
        var commits = new CommitLoop(assignment, window, finished, producers, new Transactor(producers, consumer, progressLog, context), context);
        _snapshot = () => Snapshot(assignment, window, circuit);
        metrics.Observe(_snapshot);

        LogStarted(logger, _options.Name, _options.Group, _options.Slot, string.Join(", ", _options.Topics));
        using var stopIntake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var stopCommits = new CancellationTokenSource();
        Task intakeLoop = intake.RunAsync(stopIntake.Token);
        Task dispatchLoop = dispatcher.RunAsync();
        Task commitLoop = commits.RunAsync(stopCommits.Token);

        // Whichever ends first, by request or by an exception, takes the others with it.
        Task first = await Task.WhenAny(intakeLoop, dispatchLoop, commitLoop);
        stopIntake.Cancel();
        await intakeLoop.ConfigureAwait(EndQuietly);
        if (first == intakeLoop && intakeLoop.IsCompletedSuccessfully)
        {
            bool drained = await assignment.DrainAllAsync(_options.ShutdownDrainMax);
            LogDrained(logger, _options.Name, drained, window.Records);
        }
        else
        {
            assignment.EndAll();
        }

        try
        {
            await consumer.LeaveAsync();
        }
        catch (LogException e)
        {
            // The group expels this member by itself, later. The loops have to end all the same.
            LogLeaveFailed(logger, e, _options.Name);
        }

        assignment.EndAll();
        circuit.Abandon();
        dispatcher.Complete();
        await dispatchLoop.ConfigureAwait(EndQuietly);
        await dispatcher.Idle;
        stopCommits.Cancel();
        await commitLoop.ConfigureAwait(EndQuietly);
        _snapshot = null;
        LogStopped(logger, _options.Name);
        await Task.WhenAll(intakeLoop, dispatchLoop, commitLoop);
    }

    private GroupSubscription Subscription() =>
        new(_options.Group, _options.Topics, _options.StaticMembership ? $"{_options.Group}-{_options.Slot}" : null);

    private StageSnapshot Snapshot(Assignment assignment, Window window, Circuit circuit) => new(
        _options.Name,
        [.. assignment.Partitions.Select(partition => partition.Ledger.Snapshot(partition.Id, _environment.Time))],
        circuit.Dependency,
        window.Records,
        window.Bytes);
}

/// <summary>What a stage takes from the process it runs in.</summary>
/// <param name="Random">Used by many threads at once: <see cref="Random.Shared"/>, or one that is as safe.</param>
public sealed record StageEnvironment(TimeProvider Time, Random Random, IMeterFactory Meters, ILogger Logger);
