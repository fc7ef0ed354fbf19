namespace Carousel.Stages.Engine;

/// <summary>Counts the slots of one partition by state.</summary>
internal sealed class SnapshotBuilder(TimeProvider time)
{
    private readonly Dictionary<RecordState, StateSnapshot> _states = [];

    public void Add(RecordSlot slot)
    {
        RecordState state = slot.State;
        StateSnapshot sum = _states.GetValueOrDefault(state);
        _states[state] = new StateSnapshot(sum.Count + 1, Math.Max(sum.OldestSeconds, Seconds(slot)));
    }

    public PartitionSnapshot Build(SourcePartition id, long first, long next, RecordSlot? head) => new(id, first, next, _states, head is null ? null : HeldUpBy(head));

    private HeldUpBy HeldUpBy(RecordSlot head)
    {
        RetryState? retry = head.Retry;
        RecordState state = head.State;
        return new HeldUpBy(
            head.Record.Offset, head.Record.Key, state, retry?.Attempts ?? 0, Seconds(head),
            state == RecordState.WaitingForRetry ? retry?.Left(time).TotalSeconds : null);
    }

    private double Seconds(RecordSlot slot) => time.GetElapsedTime(slot.FetchedTimestamp).TotalSeconds;
}
