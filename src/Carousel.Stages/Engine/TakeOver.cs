using Carousel.Stages.Progress;

namespace Carousel.Stages.Engine;

/// <summary>
/// Some partitions that were assigned together, on their way from their former owner: what it had finished above the committed offsets has to be known
/// before anything is handled. Records that are fetched meanwhile are held. Owned by intake.
/// </summary>
internal sealed class TakeOver
{
    private readonly IReadOnlyList<AssignedPartition> _partitions;
    private readonly Task<IReadOnlyDictionary<SourcePartition, CommittedProgress>> _reading;
    private readonly Task _told;
    private readonly List<RecordSlot> _held = [];

    /// <param name="onRead">Called once <see cref="IsRead"/> is true.</param>
    public TakeOver(
        IReadOnlyList<AssignedPartition> partitions, ProgressLog progressLog, StageContext context, Action onRead, CancellationToken cancellationToken)
    {
        _partitions = partitions;
        SourcePartition[] ids = [.. partitions.Select(partition => partition.Id)];
        _reading = LogRetry.RunAsync(context, () => progressLog.ReadAsync(ids, cancellationToken), _ => { }, cancellationToken);
        _told = TellAsync(onRead);
    }

    public bool IsRead => _reading.IsCompleted;

    public IReadOnlyList<RecordSlot> Held => _held;

    public bool Includes(AssignedPartition partition) => _partitions.Contains(partition);

    public void Hold(RecordSlot slot) => _held.Add(slot);

    /// <summary>Opens the books of the partitions with what was read. Throws what made reading impossible.</summary>
    public async Task CompleteAsync(TimeProvider time)
    {
        IReadOnlyDictionary<SourcePartition, CommittedProgress> committed = await _reading;
        foreach (AssignedPartition partition in _partitions)
        {
            partition.Begin(new Inheritance(committed[partition.Id], time));
        }
    }

    /// <summary>Waits for the reading, which was cancelled, and forgets what it brought.</summary>
    public Task AbandonAsync() => _told;

    private async Task TellAsync(Action onRead)
    {
        await ((Task)_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        onRead();
    }
}

/// <summary>What a partition's former owner left, as intake asks for it record by record.</summary>
internal sealed class Inheritance
{
    private readonly Dictionary<long, RetryState> _waiting = [];

    /// <summary>Of nobody.</summary>
    public Inheritance() => Committed = new CommittedProgress(Committed: null, Progress: null, IsWritten: true);

    public Inheritance(CommittedProgress committed, TimeProvider time)
    {
        Committed = committed;
        if (committed.Progress is not { } progress)
        {
            return;
        }

        DateTime now = time.GetUtcNow().UtcDateTime;
        foreach (WaitingRecord waiting in progress.Waiting)
        {
            _waiting.Add(waiting.Offset, new RetryState(waiting.Attempts, time.GetTimestamp(), progress.DelayLeft(waiting, now), waiting.Age));
        }
    }

    public CommittedProgress Committed { get; }

    public bool IsDone(long offset) => Committed.Progress?.IsDone(offset) == true;

    public RetryState? Retry(long offset) => _waiting.GetValueOrDefault(offset);
}
