using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Carousel.Stages;

/// <summary>What a stage tells about itself, under the meter <c>Carousel.Stages</c>. Durations are seconds.</summary>
internal sealed class StageMetrics : IDisposable
{
    public const string MeterName = "Carousel.Stages";
    private readonly Meter _meter;
    private readonly KeyValuePair<string, object?> _stage;
    private readonly Counter<long> _fetched;
    private readonly Counter<long> _completed;
    private readonly Counter<long> _deadLettered;
    private readonly Counter<long> _retried;
    private readonly UpDownCounter<long> _handlersActive;
    private readonly Histogram<double> _handlerDuration;
    private readonly Histogram<double> _transactionDuration;
    private readonly Counter<long> _transactionRecords;
    private readonly Counter<long> _transactionsInDoubt;
    private readonly Counter<long> _producersReplaced;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _progressBytes;

    public StageMetrics(IMeterFactory factory, string stage)
    {
        _meter = factory.Create(MeterName);
        _stage = new("carousel.stage", stage);
        _fetched = _meter.CreateCounter<long>("carousel.stage.fetched", "{record}", "Records fetched");
        _completed = _meter.CreateCounter<long>("carousel.stage.completed", "{record}", "Records that went on");
        _deadLettered = _meter.CreateCounter<long>("carousel.stage.dead_lettered", "{record}", "Records that left the flow");
        _retried = _meter.CreateCounter<long>("carousel.stage.retried", "{attempt}", "Attempts that are made again");
        _handlersActive = _meter.CreateUpDownCounter<long>("carousel.stage.handlers.active", "{call}", "Handler calls under way");
        _handlerDuration = _meter.CreateHistogram<double>("carousel.stage.handler.duration", "s", "Duration of a handler call");
        _transactionDuration = _meter.CreateHistogram<double>("carousel.stage.transaction.duration", "s", "Duration of a committed transaction");
        _transactionRecords = _meter.CreateCounter<long>("carousel.stage.committed", "{record}", "Source records committed");
        _transactionsInDoubt = _meter.CreateCounter<long>("carousel.stage.transactions.in_doubt", "{transaction}", "Transactions whose end was unknown");
        _skipped = _meter.CreateCounter<long>("carousel.stage.skipped", "{record}", "Records fetched that a former owner had finished");
        _progressBytes = _meter.CreateCounter<long>("carousel.stage.progress", "By", "Bytes of done-sets and waiting records written");
        _producersReplaced = _meter.CreateCounter<long>("carousel.stage.producers.replaced", "{producer}", "Producers replaced after a slow commit");
    }

    /// <summary>Tells where records are, whenever somebody collects.</summary>
    public void Observe(Func<StageSnapshot> snapshot)
    {
        _meter.CreateObservableGauge(
            "carousel.stage.records", () => ByState(snapshot(), state => state.Count), "{record}", "Records fetched and not let go, by state");
        _meter.CreateObservableGauge(
            "carousel.stage.oldest", () => ByState(snapshot(), state => state.OldestSeconds), "s", "Time since the oldest record of that state was fetched");
        _meter.CreateObservableGauge(
            "carousel.stage.partition.held_up", () => HeldUp(snapshot()), "s", "Time since the record was fetched that keeps a partition's committed offset where it is");
    }

    public void OnSkipped(string topic) => _skipped.Add(1, _stage, Topic(topic));

    public void OnProgressWritten(int bytes) => _progressBytes.Add(bytes, _stage);

    public void OnFetched(string topic) => _fetched.Add(1, _stage, Topic(topic));

    public void OnCompleted(string topic) => _completed.Add(1, _stage, Topic(topic));

    public void OnDeadLettered(string topic, DeadLetterKind kind, string reason)
    {
        var tags = new TagList([_stage, Topic(topic), new("carousel.dead_letter.kind", kind.ToString()), new("carousel.dead_letter.reason", reason)]);
        _deadLettered.Add(1, tags);
    }

    public void OnRetried(string topic, string reason) => _retried.Add(1, _stage, Topic(topic), new("carousel.retry.reason", reason));

    public void OnHandlerStarted() => _handlersActive.Add(1, _stage);

    public void OnHandlerEnded(TimeSpan duration)
    {
        _handlersActive.Add(-1, _stage);
        _handlerDuration.Record(duration.TotalSeconds, _stage);
    }

    public void OnTransactionCommitted(int records, TimeSpan duration)
    {
        _transactionRecords.Add(records, _stage);
        _transactionDuration.Record(duration.TotalSeconds, _stage);
    }

    public void OnTransactionInDoubt() => _transactionsInDoubt.Add(1, _stage);

    public void OnProducerReplaced() => _producersReplaced.Add(1, _stage);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<T>> ByState<T>(StageSnapshot snapshot, Func<StateSnapshot, T> value)
        where T : struct =>
        Enum.GetValues<RecordState>().Select(state => new Measurement<T>(value(snapshot.Of(state)), _stage, new("carousel.record.state", StateName(state))));

    private IEnumerable<Measurement<double>> HeldUp(StageSnapshot snapshot) => snapshot.Partitions.Select(partition => new Measurement<double>(
        partition.HeldUpBy?.Seconds ?? 0, _stage, Topic(partition.Partition.Topic), new("messaging.destination.partition.id", partition.Partition.Partition)));

    private static string StateName(RecordState state) => state switch
    {
        RecordState.Queued => "queued",
        RecordState.InFlight => "in_flight",
        RecordState.WaitingForRetry => "waiting_for_retry",
        _ => "finished",
    };

    private static KeyValuePair<string, object?> Topic(string topic) => new("messaging.destination.name", topic);
}
