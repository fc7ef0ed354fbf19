using Carousel.Broker.Log;

namespace Carousel.Broker.Partitions;

/// <summary>How far readers may see. Moved under the partition's lock, read by anyone; neither goes back, and stable ≤ high whenever stable is read first.</summary>
internal sealed class Watermarks
{
    private long _high;
    private long _stable;

    public long High => Volatile.Read(ref _high);

    public long Stable => Volatile.Read(ref _stable);

    public void AdvanceNeedsLock(long high, ProducerStates producers)
    {
        high = Math.Max(_high, high);
        Volatile.Write(ref _high, high);
        Volatile.Write(ref _stable, Math.Max(_stable, Math.Min(high, producers.FirstUndecidedOffset(high))));
    }
}
