namespace Carousel.Broker.Transactions;

/// <summary>One incarnation of a producer: a later one of the same id has a higher epoch, and fences it.</summary>
internal readonly record struct ProducerIdAndEpoch(long ProducerId, short ProducerEpoch)
{
    public static readonly ProducerIdAndEpoch None = new(-1, -1);

    public override string ToString() => $"producer {ProducerId} at epoch {ProducerEpoch}";
}
