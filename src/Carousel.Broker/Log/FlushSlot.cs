namespace Carousel.Broker.Log;

/// <summary>A partition's place with the flusher. Invariant: it's in the queue at most once, and never while it is being flushed.</summary>
internal sealed class FlushSlot(IFlushTarget target)
{
    private const int Idle = 0;
    private const int Queued = 1;
    private const int Flushing = 2;
    private const int FlushingAndDirty = 3;

    private int _state = Idle;

    /// <summary>There is something to flush. True if the caller has to put it into the queue.</summary>
    public bool MarkDirty()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state is Queued or FlushingAndDirty)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _state, state == Idle ? Queued : FlushingAndDirty, state) == state)
            {
                return state == Idle;
            }
        }
    }

    /// <summary>Flushes; called by who took it from the queue. True if it got dirty meanwhile and has to go back into the queue.</summary>
    public bool Flush()
    {
        Volatile.Write(ref _state, Flushing);
        target.Flush();
        if (Interlocked.CompareExchange(ref _state, Idle, Flushing) == Flushing)
        {
            return false;
        }

        Volatile.Write(ref _state, Queued);
        return true;
    }
}
