using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Carousel.Stages.Engine;

/// <summary>
/// One assignment of one partition, from OnAssigned until it is revoked or lost; a later assignment of the same partition is another object, so a
/// late result of this one can't be taken for one of that. Its slots stand in offset order: intake appends, the commit loop removes from the head.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its token sources have no timers, and a late result may still look at their tokens.")]
internal sealed class AssignedPartition(SourcePartition id, Signal wakeCommit)
{
    private readonly ConcurrentQueue<RecordSlot> _slots = new();
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inFlight;

    public SourcePartition Id { get; } = id;

    /// <summary>Cancelled when no further record of this partition may be started.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Cancelled when the partition isn't ours any more; results that come later are dropped.</summary>
    public CancellationToken Ended => _ended.Token;

    public bool IsEnded => _ended.IsCancellationRequested;

    /// <summary>Done when nothing is in flight and all that can be committed is.</summary>
    public Task Drained => _drained.Task;

    public int SlotCount => _slots.Count;

    public void Append(RecordSlot slot) => _slots.Enqueue(slot);

    /// <summary>Claims the right to run a handler on a record of this partition; false once it drains. Each true is followed by <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        Interlocked.Increment(ref _inFlight);
        if (!_draining.IsCancellationRequested)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0 && _draining.IsCancellationRequested)
        {
            wakeCommit.Set();
        }
    }

    /// <summary>Takes the finished slots at the head, so many at most: the next to be committed. Called by the commit loop alone.</summary>
    public void TakeFinished(List<RecordSlot> batch, int countMax)
    {
        while (countMax-- > 0 && _slots.TryPeek(out RecordSlot? head) && head.IsFinished)
        {
            _slots.TryDequeue(out _);
            batch.Add(head);
        }
    }

    /// <summary>Takes whatever is left, finished or not, once the partition has ended.</summary>
    public List<RecordSlot> TakeRest()
    {
        var rest = new List<RecordSlot>();
        while (_slots.TryDequeue(out RecordSlot? slot))
        {
            rest.Add(slot);
        }

        return rest;
    }

    public void BeginDrain() => _draining.Cancel();

    /// <summary>Called by the commit loop when it holds nothing of this partition.</summary>
    public void MarkDrainedIfSo()
    {
        // What was in flight is read first: a handler sets its result before it leaves, so a head that is unfinished now stays so.
        if (_draining.IsCancellationRequested && Volatile.Read(ref _inFlight) == 0 && !(_slots.TryPeek(out RecordSlot? head) && head.IsFinished))
        {
            _drained.TrySetResult();
        }
    }

    public void End()
    {
        _draining.Cancel();
        _ended.Cancel();
    }
}
