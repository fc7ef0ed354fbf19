namespace Carousel.Stages;

/// <summary>Where a record is that a stage has fetched and not let go.</summary>
public enum RecordState
{
    /// <summary>Behind another record of its key, in a batch that isn't full yet, or behind a dependency that is away.</summary>
    Queued,

    /// <summary>Its handler runs.</summary>
    InFlight,

    /// <summary>It was tried in vain and will be tried again.</summary>
    WaitingForRetry,

    /// <summary>Done, but not committed yet.</summary>
    Finished,
}

/// <summary>Where a running stage's records are, at one moment for each partition.</summary>
/// <param name="UnavailableDependency">What the stage waits for before it starts any further record; null while nothing is away.</param>
/// <param name="WindowRecords">Records that count against <see cref="StageOptions.WindowRecordsMax"/>; records polled and not distributed yet are among them.</param>
/// <param name="WindowBytes">Their bytes, which count against <see cref="StageOptions.WindowBytesMax"/>.</param>
public sealed record StageSnapshot(
    string Stage, IReadOnlyList<PartitionSnapshot> Partitions, string? UnavailableDependency, long WindowRecords, long WindowBytes)
{
    /// <summary>How many of all partitions' records are in that state, and for how long the oldest of them has been fetched.</summary>
    public StateSnapshot Of(RecordState state) => new(
        Partitions.Sum(partition => partition.Of(state).Count),
        Partitions.Select(partition => partition.Of(state).OldestSeconds).DefaultIfEmpty(0).Max());
}

/// <summary>Records in one state.</summary>
/// <param name="OldestSeconds">Since the oldest of them was fetched; 0 without any.</param>
public readonly record struct StateSnapshot(long Count, double OldestSeconds);

/// <summary>One assigned partition.</summary>
/// <param name="FirstUnfinishedOffset">What is or will next be committed.</param>
/// <param name="NextOffset">One past the last record fetched: what lies between it and the partition's end isn't fetched.</param>
/// <param name="HeldUpBy">The record that keeps the committed offset where it is; null when all that was fetched is finished.</param>
public sealed record PartitionSnapshot(
    SourcePartition Partition, long FirstUnfinishedOffset, long NextOffset, IReadOnlyDictionary<RecordState, StateSnapshot> States, HeldUpBy? HeldUpBy)
{
    public StateSnapshot Of(RecordState state) => States.GetValueOrDefault(state);
}

/// <summary>The first unfinished record of a partition.</summary>
/// <param name="Key">As in the record; share it, don't write it.</param>
/// <param name="Attempts">Made in vain so far.</param>
/// <param name="Seconds">Since it was fetched.</param>
/// <param name="RetryInSeconds">Until its next attempt, where it waits for one.</param>
public sealed record HeldUpBy(long Offset, byte[]? Key, RecordState State, int Attempts, double Seconds, double? RetryInSeconds);
