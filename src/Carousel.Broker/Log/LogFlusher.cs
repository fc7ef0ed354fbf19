namespace Carousel.Broker.Log;

/// <summary>
/// Flushes the dirty partitions of a data directory on a few threads of its own, each as soon as a thread is free: what arrives at a partition while it is
/// being flushed goes into the next flush together. Flushing is off the thread pool because it blocks for as long as the disk likes.
/// </summary>
internal sealed class LogFlusher(int parallelFlushes)
{
    // A monitor, because its waits sleep at once. Those of a semaphore spin first, and a flush takes far longer than that.
    private readonly object _lock = new();
    private readonly Queue<FlushSlot> _dirty = new();
    private bool _isStopped;

    /// <summary>The slot's partition has bytes that aren't on disk.</summary>
    public void Enqueue(FlushSlot slot)
    {
        if (slot.MarkDirty())
        {
            Put(slot);
        }
    }

    /// <summary>Flushes until cancelled. What is queued then stays dirty.</summary>
    /// <exception cref="IOException">A flush failed. No other is tried: the disk may have dropped what it couldn't write, and would call the next try a success.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(static flusher => ((LogFlusher)flusher!).Stop(), this);
        Task[] workers =
        [
            .. Enumerable.Range(0, parallelFlushes).Select(_ => Task.Factory.StartNew(
                Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)),
        ];
        await Task.WhenAll(workers);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Work()
    {
        try
        {
            while (Take() is { } slot)
            {
                if (slot.Flush())
                {
                    Put(slot);
                }
            }
        }
        catch
        {
            // The other threads end as well; the failure is RunAsync's.
            Stop();
            throw;
        }
    }

    private void Put(FlushSlot slot)
    {
        lock (_lock)
        {
            _dirty.Enqueue(slot);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Waits for a slot; null at the end.</summary>
    private FlushSlot? Take()
    {
        lock (_lock)
        {
            while (_dirty.Count == 0 && !_isStopped)
            {
                Monitor.Wait(_lock);
            }

            return _isStopped ? null : _dirty.Dequeue();
        }
    }

    private void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            Monitor.PulseAll(_lock);
        }
    }
}
