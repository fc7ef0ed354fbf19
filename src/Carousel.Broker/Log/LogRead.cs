namespace Carousel.Broker.Log;

/// <summary>Whole batches that were read; the caller owns the buffer.</summary>
/// <param name="Buffer">Null where there was nothing to read.</param>
/// <param name="NextOffset">The offset after the last batch.</param>
internal readonly record struct LogRead(PooledBytes? Buffer, long NextOffset);
