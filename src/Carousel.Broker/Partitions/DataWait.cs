namespace Carousel.Broker.Partitions;

/// <summary>
/// One fetch waiting for data in any of many partitions. First <see cref="Watch"/> each partition, then read again or just wait: a change between the
/// read and the watching isn't lost, because watching compares. Disposing stops all watching. One caller at a time.
/// </summary>
internal sealed class DataWait : IDisposable
{
    /// <summary>Wakes when the partition shows this isolation anything at or above the offset, or stops serving.</summary>
    public void Watch(Partition partition, long offset, bool readCommitted) => throw new NotImplementedException();

    /// <summary>True when woken, false when the time is over. After true, watch again what is still of interest.</summary>
    public ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
