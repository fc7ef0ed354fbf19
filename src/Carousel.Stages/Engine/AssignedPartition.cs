using System.Diagnostics.CodeAnalysis;

namespace Carousel.Stages.Engine;

/// <summary>
/// One assignment of one partition, from OnAssigned until it is revoked or lost; a later assignment of the same partition is another object, so a
/// late result of this one can't be taken for one of that.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its token sources have no timers, and a late result may still look at their tokens.")]
internal sealed class AssignedPartition(SourcePartition id, FinishedSlots finished)
{
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _nextOffset;
    private int _inFlight;
    private int _finishedCount;
    private int _isDirty;

    public SourcePartition Id { get; } = id;

    public PartitionLedger Ledger { get; } = new();

    /// <summary>Null until it is taken over; no record of it is handled before.</summary>
    public Inheritance? Inheritance { get; private set; }

    /// <summary>Cancelled when no further record of this partition may be started.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Cancelled when the partition isn't ours any more; results that come later are dropped.</summary>
    public CancellationToken Ended => _ended.Token;

    public bool IsEnded => _ended.IsCancellationRequested;

    /// <summary>Done when nothing is in flight and all that can be committed is.</summary>
    public Task Drained => _drained.Task;

    /// <summary>A record waits for a retry of which the log hasn't heard.</summary>
    public bool IsDirty => Volatile.Read(ref _isDirty) != 0;

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
            finished.Wake();
        }
    }

    /// <summary>Called by intake, before it appends the first record.</summary>
    public void Begin(Inheritance inheritance)
    {
        CommittedProgress committed = inheritance.Committed;
        Ledger.Begin(committed.Committed ?? 0, committed.Progress, committed.IsWritten);
        Inheritance = inheritance;
    }

    /// <summary>Whether a record has to be handled: a former owner may have finished it. Called by intake for each record, in order.</summary>
    /// <exception cref="InvalidOperationException">The log went back.</exception>
    public bool TryExpect(long offset)
    {
        if (offset < _nextOffset)
        {
            throw new InvalidOperationException(
                $"The log of {Id} went back from offset {_nextOffset} to {offset}: the topic was truncated or made anew. Start the stage again to read it from there.");
        }

        if (_nextOffset == 0 && offset < Inheritance!.Committed.Committed)
        {
            // Its offset lay beyond the end, so the group begins anew, and what was finished of the former log says nothing of this one.
            Inheritance = new Inheritance();
            Ledger.Begin(offset, inherited: null, hasWrittenProgress: true);
        }

        _nextOffset = offset + 1;
        return !Inheritance!.IsDone(offset);
    }

    public void OnFinished() => Interlocked.Increment(ref _finishedCount);

    public void OnCommitted(int slots) => Interlocked.Add(ref _finishedCount, -slots);

    /// <summary>Makes the commit loop write the partition's progress, though nothing of it may be finished.</summary>
    public void MarkDirty()
    {
        Volatile.Write(ref _isDirty, 1);
        finished.Wake();
    }

    /// <summary>Called by the commit loop before it describes the progress: what changes from then on is dirt again.</summary>
    public bool TryClean() => Interlocked.Exchange(ref _isDirty, 0) != 0;

    public void BeginDrain() => _draining.Cancel();

    /// <summary>Called by the commit loop when it holds nothing of this partition.</summary>
    public void MarkDrainedIfSo()
    {
        // What was in flight is read first: a handler sets its result before it leaves, so what isn't finished now stays so.
        if (_draining.IsCancellationRequested && Volatile.Read(ref _inFlight) == 0
            && Volatile.Read(ref _finishedCount) == Ledger.DeferredCount && !IsDirty)
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
