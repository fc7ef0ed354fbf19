using Carousel.Broker.Log;
using Carousel.Wire;

namespace Carousel.Broker.Partitions;

/// <summary>What a fetch of one partition found. Dispose it once the bytes are sent: they are in a pooled buffer.</summary>
/// <param name="Error">None, OFFSET_OUT_OF_RANGE, CORRUPT_MESSAGE, KAFKA_STORAGE_ERROR or UNKNOWN_TOPIC_OR_PARTITION (deleted meanwhile).</param>
/// <param name="Buffer">Owner of the bytes; null where there are none.</param>
/// <param name="NextOffset">The offset after the last returned record; the fetch offset where nothing was returned.</param>
/// <param name="HighWatermark">-1 with an error, as the next two.</param>
/// <param name="AbortedTransactions">For a read_committed reader: the aborted transactions among the returned records; empty otherwise.</param>
internal readonly record struct ReadResult(
    ErrorCode Error,
    PooledBytes? Buffer,
    long NextOffset,
    long HighWatermark,
    long LastStableOffset,
    long LogStartOffset,
    IReadOnlyList<AbortedTransaction> AbortedTransactions) : IDisposable
{
    /// <summary>Whole record batches, never a part of one. Valid until this is disposed.</summary>
    public ReadOnlyMemory<byte> Records => Buffer?.Bytes ?? default;

    public static ReadResult Nothing(long fetchOffset, ErrorCode error) => new(error, null, fetchOffset, -1, -1, -1, []);

    public void Dispose() => Buffer?.Dispose();
}
