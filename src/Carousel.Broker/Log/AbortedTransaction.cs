namespace Carousel.Broker.Log;

/// <summary>A transaction that was aborted in a partition. A read_committed reader drops the producer's records from the first offset to the marker.</summary>
/// <param name="LastOffset">Offset of the abort marker.</param>
/// <param name="LastStableOffset">The partition's once the marker was written: no later entry concerns records below it.</param>
internal readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long LastOffset, long LastStableOffset);
