using System.Buffers.Binary;

namespace Carousel.Wire.Records;

/// <summary>What <see cref="RecordBatch.Validate"/> found: an error with a reason for people, or <see cref="Valid"/>.</summary>
public readonly record struct RecordBatchVerdict(ErrorCode Error, string? Reason)
{
    public static readonly RecordBatchVerdict Valid = new(ErrorCode.None, null);

    public bool IsValid => Error == ErrorCode.None;
}

/// <summary>
/// Checks and patches record batches of magic 2 in place. The base offset and the partition leader epoch lie outside the checksum, so a batch is
/// stored as it was received once those two are set.
/// </summary>
public static class RecordBatch
{
    /// <summary>The only message format there is since Kafka 4.0.</summary>
    public const byte Magic = 2;

    /// <summary>
    /// Whether a partition may take these bytes from a producer, by what can be seen without decompressing (Kafka's <c>LogValidator</c>): exactly one
    /// batch, magic 2, its length and checksum, its counts, no control batch, a sequence if there is a producer id.
    /// </summary>
    /// <param name="batch">The records of one partition in a Produce request.</param>
    /// <param name="batchBytesMax">The topic's max.message.bytes.</param>
    public static RecordBatchVerdict Validate(ReadOnlySpan<byte> batch, int batchBytesMax)
    {
        if (batch.Length < RecordBatchHeader.Size)
        {
            return batch.IsEmpty
                ? Invalid("there is no record batch, and there must be exactly one")
                : Corrupt($"{batch.Length} bytes are too few for a record batch of at least {RecordBatchHeader.Size}");
        }

        var header = new RecordBatchHeader(batch);
        if (header.Magic != Magic)
        {
            return Invalid($"the message format is {header.Magic}, and only 2 is accepted");
        }

        if (header.SizeInBytes != batch.Length)
        {
            return header.BatchLength >= RecordBatchHeader.Size - RecordBatchHeader.LengthPrefixSize && header.SizeInBytes < batch.Length
                ? Invalid($"{batch.Length - header.SizeInBytes} bytes follow the record batch, and there must be exactly one")
                : Corrupt($"the record batch says that it has {header.SizeInBytes} bytes, and there are {batch.Length}");
        }

        if (batch.Length > batchBytesMax)
        {
            return new(ErrorCode.MessageTooLarge, $"the record batch has {batch.Length} bytes, and the topic takes {batchBytesMax}");
        }

        return HasValidChecksum(batch) ? ValidateCounts(header) : Corrupt("the record batch's checksum doesn't match its bytes");
    }

    /// <summary>Whether the checksum matches. The batch must be whole: see <see cref="RecordBatchHeader.SizeInBytes"/>.</summary>
    public static bool HasValidChecksum(ReadOnlySpan<byte> batch) =>
        new RecordBatchHeader(batch).Crc == Crc32C.Compute(batch[RecordBatchHeader.AttributesAt..]);

    /// <summary>Gives the batch its place in the log. The checksum stays valid.</summary>
    public static void SetPlace(Span<byte> batch, long baseOffset, int partitionLeaderEpoch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.PartitionLeaderEpochAt..], partitionLeaderEpoch);
    }

    /// <summary>Stamps the batch with the broker's time (message.timestamp.type=LogAppendTime), in milliseconds, and renews its checksum.</summary>
    public static void SetLogAppendTime(Span<byte> batch, long timestamp)
    {
        RecordBatchAttributes attributes = new RecordBatchHeader(batch).Attributes | RecordBatchAttributes.LogAppendTime;
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchHeader.AttributesAt..], (short)attributes);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.MaxTimestampAt..], timestamp);
        RenewChecksum(batch);
    }

    internal static void RenewChecksum(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch[RecordBatchHeader.CrcAt..], Crc32C.Compute(batch[RecordBatchHeader.AttributesAt..]));

    private static RecordBatchVerdict ValidateCounts(RecordBatchHeader header)
    {
        if (header.RecordCount <= 0 || header.LastOffsetDelta != header.RecordCount - 1)
        {
            return Invalid($"the record batch counts {header.RecordCount} records, and its last offset delta is {header.LastOffsetDelta}");
        }

        if (header.IsControl)
        {
            return Invalid("a producer may not write control batches");
        }

        if (header.HasProducerId && (header.BaseSequence < 0 || header.ProducerEpoch < 0))
        {
            return Invalid($"producer {header.ProducerId} comes with epoch {header.ProducerEpoch} and sequence {header.BaseSequence}");
        }

        if (header.IsTransactional && !header.HasProducerId)
        {
            return Invalid("a transactional record batch has no producer id");
        }

        return header.Compression > CompressionType.Zstd
            ? new(ErrorCode.UnsupportedCompressionType, $"compression type {(int)header.Compression} isn't known")
            : RecordBatchVerdict.Valid;
    }

    private static RecordBatchVerdict Corrupt(string reason) => new(ErrorCode.CorruptMessage, reason);

    private static RecordBatchVerdict Invalid(string reason) => new(ErrorCode.InvalidRecord, reason);
}
