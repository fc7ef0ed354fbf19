namespace Carousel.Monitor.Audit;

/// <summary>Where a record is.</summary>
public readonly record struct LogPosition(string Topic, int Partition, long Offset)
{
    public override string ToString() => $"{Topic}-{Partition}@{Offset}";
}

/// <summary>A partition and offset in 8 bytes; the topic is known from where it is kept. The default is no position.</summary>
internal readonly record struct PackedPosition
{
    private const int OffsetBits = 48;
    private readonly ulong _packed;

    public PackedPosition(int partition, long offset) => _packed = ((ulong)(partition + 1) << OffsetBits) | (ulong)offset;

    public bool IsNone => _packed == 0;

    public int Partition => (int)(_packed >> OffsetBits) - 1;

    public long Offset => (long)(_packed & ((1UL << OffsetBits) - 1));

    public LogPosition In(string topic) => new(topic, Partition, Offset);
}
