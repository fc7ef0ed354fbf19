namespace Carousel.Broker.Partitions;

/// <summary>
/// One fetch waiting for data in any of many partitions. First <see cref="Watch"/> each partition, then read again or just wait: a change between the
/// read and the watching isn't lost, because watching compares. Disposing stops all watching. One caller at a time.
/// </summary>
internal sealed class DataWait(TimeProvider time) : IDisposable
{
    private readonly HashSet<DataWaits> _watched = [];
    private volatile TaskCompletionSource<bool> _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Wakes when the partition shows this isolation anything at or above the offset, or stops serving.</summary>
    public void Watch(Partition partition, long offset, bool readCommitted)
    {
        DataWaits waits = partition.DataWaits;
        _watched.Add(waits);
        bool isLive = waits.Add(this, offset, readCommitted);
        if (!isLive || offset < (readCommitted ? partition.LastStableOffset : partition.HighWatermark))
        {
            Wake();
        }
    }

    /// <summary>True when woken, false when the time is over. Before waiting again, watch again.</summary>
    public async ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool> woken = _woken;
        if (!woken.Task.IsCompleted)
        {
            using ITimer timer = time.CreateTimer(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), woken, timeout, Timeout.InfiniteTimeSpan);
            using CancellationTokenRegistration cancellation = cancellationToken.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), woken);
            await woken.Task;
        }

        bool isWoken = await woken.Task;
        _woken = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return isWoken;
    }

    public void Dispose()
    {
        foreach (DataWaits waits in _watched)
        {
            waits.Remove(this);
        }

        _watched.Clear();
    }

    /// <summary>Called by a partition, on any thread.</summary>
    internal void Wake() => _woken.TrySetResult(true);
}
