using Carousel.Stages;
using Carousel.Stages.Log;

namespace Carousel.Bench;

/// <summary>Counts what a stage has committed, and gives the rate at which it did once so many are reached.</summary>
/// <param name="isCounted">Which of the outputs count.</param>
internal sealed class CountedLog(IStageLog log, int wanted, Func<OutputRecord, bool> isCounted) : IStageLog
{
    private readonly TaskCompletionSource<CommitSpan> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private int _countAtStart;
    private long _startTimestamp;

    /// <summary>The clock starts with the commit that completes the first tenth: by then everything runs.</summary>
    public Task<CommitSpan> Reached => _reached.Task;

    public IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener) => log.Join(subscription, listener);

    public async Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken) =>
        new Producer(this, await log.OpenProducerAsync(transactionalId, cancellationToken));

    public Task ReadToEndAsync(IReadOnlyCollection<SourcePartition> partitions, Action<SourceRecord> onRecord, CancellationToken cancellationToken) =>
        log.ReadToEndAsync(partitions, onRecord, cancellationToken);

    public Task<IReadOnlyDictionary<SourcePartition, long>> EndOffsetsAsync(IReadOnlyCollection<SourcePartition> partitions, CancellationToken cancellationToken) =>
        log.EndOffsetsAsync(partitions, cancellationToken);

    /// <summary>Called by the commit loop alone, one transaction after another.</summary>
    private void OnCommitted(int outputs)
    {
        _count += outputs;
        if (_countAtStart == 0 && _count >= wanted / 10)
        {
            (_countAtStart, _startTimestamp) = (_count, TimeProvider.System.GetTimestamp());
        }
        else if (_count >= wanted)
        {
            _reached.TrySetResult(new CommitSpan(_count - _countAtStart, TimeProvider.System.GetElapsedTime(_startTimestamp)));
        }
    }

    private sealed class Producer(CountedLog counted, IStageProducer producer) : IStageProducer
    {
        private readonly Func<OutputRecord, bool> _isCounted = counted.IsCounted;
        private int _sent;

        public Task BeginAsync()
        {
            _sent = 0;
            return producer.BeginAsync();
        }

        public void Send(OutputRecord record)
        {
            _sent += _isCounted(record) ? 1 : 0;
            producer.Send(record);
        }

        public Task FlushAsync() => producer.FlushAsync();

        public Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership) => producer.SendOffsetsAsync(offsets, membership);

        public async Task CommitAsync()
        {
            await producer.CommitAsync();
            counted.OnCommitted(_sent);
        }

        public ValueTask DisposeAsync() => producer.DisposeAsync();
    }

    private bool IsCounted(OutputRecord record) => isCounted(record);
}

/// <summary>Records committed in a time.</summary>
internal readonly record struct CommitSpan(int Records, TimeSpan Elapsed)
{
    public double PerSecond => Records / Elapsed.TotalSeconds;

    /// <summary>Several turns taken for one.</summary>
    public static CommitSpan Sum(IReadOnlyCollection<CommitSpan> turns) => new(turns.Sum(turn => turn.Records), TimeSpan.FromTicks(turns.Sum(turn => turn.Elapsed.Ticks)));
}
