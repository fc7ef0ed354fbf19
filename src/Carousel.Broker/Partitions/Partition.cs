using Carousel.Broker.Log;
using Carousel.Wire;

namespace Carousel.Broker.Partitions;

/// <summary>
/// One partition as the APIs see it. Appends take its lock while they assign offsets, write and update state; never while they flush or wait.
/// Invariant: log start ≤ last stable offset ≤ high watermark ≤ log end, and none of them goes back.
/// </summary>
internal sealed class Partition
{
    /// <summary>There is one node, and it always leads: the epoch never changes.</summary>
    public const int LeaderEpoch = 0;

    /// <summary>ListOffsets: the end of what a reader of that isolation may see.</summary>
    public const long LatestTimestamp = -1;

    /// <summary>ListOffsets: the log start.</summary>
    public const long EarliestTimestamp = -2;

    /// <summary>ListOffsets: the record with the largest timestamp.</summary>
    public const long MaxTimestamp = -3;

    public TopicPartition Name => throw new NotImplementedException();

    public Guid TopicId => throw new NotImplementedException();

    /// <summary>May be replaced at any time.</summary>
    public LogSettings Settings { get; set; } = LogSettings.Default;

    /// <summary>Everything below is durable and may be read.</summary>
    public long HighWatermark => throw new NotImplementedException();

    /// <summary>Everything below is decided: committed or aborted. At most the high watermark.</summary>
    public long LastStableOffset => throw new NotImplementedException();

    public long LogStartOffset => throw new NotImplementedException();

    public long LogEndOffset => throw new NotImplementedException();

    /// <summary>Bytes of all segments, without indexes.</summary>
    public long SizeBytes => throw new NotImplementedException();

    /// <summary>Null while it serves. Otherwise every append and read answers KAFKA_STORAGE_ERROR.</summary>
    public PartitionFault? Fault => throw new NotImplementedException();

    /// <summary>
    /// Checks a batch as it came from the wire and appends it; durable once the high watermark passes its last offset. Never throws for bad input or a full disk:
    /// see <see cref="AppendResult.Error"/>.
    /// </summary>
    /// <param name="batch">One record batch; base offset, leader epoch and perhaps the append time are patched in it. Not kept.</param>
    /// <param name="verifier">Asked for the first batch of a client's transaction here; null accepts it unasked.</param>
    /// <param name="mustStartAtZero">A producer without state here must begin with sequence 0 (transaction version 2).</param>
    public AppendResult Append(Memory<byte> batch, AppendOrigin origin, ITransactionVerifier? verifier = null, bool mustStartAtZero = false) =>
        throw new NotImplementedException();

    /// <summary>Ends the producer's transaction here with a control batch. Without an open transaction the marker is written all the same, as Kafka does.</summary>
    /// <param name="transactionVersion">From 2 on a marker's epoch is above that of the records it ends (KIP-890, part 2).</param>
    public AppendResult AppendMarker(long producerId, short producerEpoch, int coordinatorEpoch, bool isCommit, short transactionVersion) =>
        throw new NotImplementedException();

    /// <summary>
    /// Completes when the record at this offset is durable: with None; or with the error to answer when it never will be (deleted, out of order).
    /// Throws only OperationCanceledException.
    /// </summary>
    public ValueTask<ErrorCode> WaitUntilDurableAsync(long offset, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Reads whole batches from the one that holds the fetch offset, up to the high watermark or, read_committed, the last stable offset. See also
    /// <see cref="DataWait"/> for waiting until there is something.
    /// </summary>
    /// <param name="bytesMax">At most this many bytes.</param>
    /// <param name="minOneBatch">The first batch is returned even if it's larger.</param>
    public ReadResult Read(long fetchOffset, int bytesMax, bool readCommitted, bool minOneBatch) => throw new NotImplementedException();

    /// <summary>The first record at or after a time, per record and not per batch; or one of the special timestamps of this class. Nothing above what the isolation shows.</summary>
    public TimestampOffset FindOffset(long timestamp, bool readCommitted) => throw new NotImplementedException();

    public EpochEndOffset EndOffsetOf(int leaderEpoch) => throw new NotImplementedException();

    public IReadOnlyList<ProducerDescription> DescribeProducers() => throw new NotImplementedException();

    /// <summary>
    /// Moves the log start up to an offset (DeleteRecords); -1 is the high watermark. Answers OFFSET_OUT_OF_RANGE above it. Durable once
    /// <see cref="PartitionSet.CheckpointAsync"/> has run.
    /// </summary>
    public ErrorCode DeleteRecords(long beforeOffset) => throw new NotImplementedException();
}
