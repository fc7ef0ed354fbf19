namespace Carousel.Stages.Engine;

/// <summary>
/// A fetched record on its way to its commit. Intake makes it, one lane or batch works on it, the commit loop lets it go.
/// Invariant: once <see cref="Outputs"/> is set it never changes.
/// </summary>
internal sealed class RecordSlot(AssignedPartition partition, SourceRecord record, long fetchedTimestamp)
{
    private volatile IReadOnlyList<OutputRecord>? _outputs;
    private volatile RetryState? _retry;
    private volatile bool _isRunning;

    public AssignedPartition Partition { get; } = partition;

    public SourceRecord Record { get; } = record;

    public int SizeBytes { get; } = record.SizeBytes;

    public long FetchedTimestamp { get; } = fetchedTimestamp;

    /// <summary>What came out of the record; null while it is unfinished.</summary>
    public IReadOnlyList<OutputRecord>? Outputs => _outputs;

    public bool IsFinished => _outputs is not null;

    /// <summary>Null as long as it wasn't tried in vain.</summary>
    public RetryState? Retry => _retry;

    /// <summary>Set by the commit loop alone, once the slot has come to it.</summary>
    public bool IsOffered { get; set; }

    public RecordState State =>
        IsFinished ? RecordState.Finished : _isRunning ? RecordState.InFlight : _retry is not null ? RecordState.WaitingForRetry : RecordState.Queued;

    public void Finish(IReadOnlyList<OutputRecord> outputs) => _outputs = outputs;

    public void RetryLater(RetryState retry) => _retry = retry;

    /// <summary>Claims the right to run the handler on the record; false once its partition drains. Each true is followed by <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (!Partition.TryEnter())
        {
            return false;
        }

        _isRunning = true;
        return true;
    }

    public void Leave()
    {
        _isRunning = false;
        Partition.Leave();
    }
}

/// <summary>How often a record was tried in vain, and when it is tried again.</summary>
/// <param name="Attempts">Made so far, at least 1.</param>
/// <param name="Delay">From <paramref name="SinceTimestamp"/> on, until the next attempt.</param>
/// <param name="Age">Of the record at the next attempt.</param>
internal sealed record RetryState(int Attempts, long SinceTimestamp, TimeSpan Delay, TimeSpan Age)
{
    /// <summary>Rounded up to a millisecond: timers cut off what is less, and would come too early.</summary>
    public TimeSpan Left(TimeProvider time) => Delay - time.GetElapsedTime(SinceTimestamp) is { Ticks: > 0 } left
        ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds))
        : TimeSpan.Zero;
}
