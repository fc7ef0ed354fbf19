using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Carousel.Stages.Engine;

/// <summary>
/// Finished slots on their way to the commit loop, in the order in which they finished: a record of a lane stands before its successor, which only
/// started after it. Whoever takes them in this order keeps the order of every key.
/// </summary>
internal sealed class FinishedSlots
{
    private readonly ConcurrentQueue<RecordSlot> _slots = new();
    private readonly Signal _wake = new();

    public bool IsEmpty => _slots.IsEmpty;

    public void Add(RecordSlot slot)
    {
        slot.Partition.OnFinished();
        _slots.Enqueue(slot);
        _wake.Set();
    }

    public bool TryTake([NotNullWhen(true)] out RecordSlot? slot) => _slots.TryDequeue(out slot);

    /// <summary>Wakes the commit loop for another reason than a finished slot.</summary>
    public void Wake() => _wake.Set();

    public ValueTask WaitAsync(CancellationToken cancellationToken) => _wake.WaitAsync(cancellationToken);
}
