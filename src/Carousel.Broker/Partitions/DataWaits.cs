namespace Carousel.Broker.Partitions;

/// <summary>The fetches that wait for data in one partition.</summary>
internal sealed class DataWaits
{
    private readonly Lock _lock = new();
    private readonly Dictionary<DataWait, (long Offset, bool ReadCommitted)> _waits = [];
    private volatile int _count;
    private bool _isEnded;

    /// <summary>False if nothing will come any more.</summary>
    public bool Add(DataWait wait, long offset, bool readCommitted)
    {
        lock (_lock)
        {
            _waits[wait] = (offset, readCommitted);
            _count = _waits.Count;
            return !_isEnded;
        }
    }

    public void Remove(DataWait wait)
    {
        lock (_lock)
        {
            _waits.Remove(wait);
            _count = _waits.Count;
        }
    }

    /// <summary>Wakes those for whom there is something below these offsets, which were published before.</summary>
    public void Wake(long highWatermark, long lastStableOffset)
    {
        // A wait that is being added either is counted here, or sees the published offsets when it compares.
        Interlocked.MemoryBarrier();
        if (_count == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach ((DataWait wait, (long offset, bool readCommitted)) in _waits)
            {
                if (offset < (readCommitted ? lastStableOffset : highWatermark))
                {
                    _waits.Remove(wait);
                    wait.Wake();
                }
            }

            _count = _waits.Count;
        }
    }

    /// <summary>Wakes all, now and from now on: they find out by reading.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isEnded = true;
        }

        Wake(long.MaxValue, long.MaxValue);
    }
}
