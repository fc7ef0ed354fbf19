using System.Buffers.Binary;

namespace Carousel.Wire.Records;

/// <summary>What <see cref="RecordBatch.Validate"/> found: an error with a reason for people, or <see cref="Valid"/>.</summary>
/// <param name="IsWhole">There is one batch, undamaged and not too large: what is wrong is what it says.</param>
/// <param name="RefusedRecords">Which of its records are to blame, counted from 0, where it isn't the batch as such; null for all.</param>
public readonly record struct RecordBatchVerdict(ErrorCode Error, string? Reason, bool IsWhole = false, IReadOnlyList<int>? RefusedRecords = null)
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
        RecordBatchVerdict frame = ValidateFrame(batch);
        if (!frame.IsValid)
        {
            return frame;
        }

        if (batch.Length > batchBytesMax)
        {
            return new(ErrorCode.MessageTooLarge, $"the record batch has {batch.Length} bytes, and the topic takes {batchBytesMax}");
        }

        return HasValidChecksum(batch) ? ValidateCounts(new RecordBatchHeader(batch)) : Corrupt("the record batch's checksum doesn't match its bytes");
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

    /// <summary>Whether these bytes are one batch. Kafka takes one that ends too early for none at all (<c>ByteBufferLogInputStream</c>).</summary>
    private static RecordBatchVerdict ValidateFrame(ReadOnlySpan<byte> batch)
    {
        const int LengthMin = 14;
        if (batch.Length <= RecordBatchHeader.MagicAt)
        {
            return Invalid($"there is no record batch in {batch.Length} bytes, and there must be exactly one");
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(batch[RecordBatchHeader.BatchLengthAt..]);
        long size = RecordBatchHeader.LengthPrefixSize + (long)length;
        if (length < LengthMin)
        {
            return Corrupt($"the record batch says that it has {size} bytes");
        }

        byte magic = batch[RecordBatchHeader.MagicAt];
        if (magic > Magic)
        {
            return Corrupt($"the message format is {magic}, which isn't known");
        }

        if (size > batch.Length)
        {
            return Invalid($"the record batch says that it has {size} bytes, and there are {batch.Length}");
        }

        if (magic != Magic)
        {
            return Invalid($"the message format is {magic}, and only 2 is accepted");
        }

        if (size < batch.Length)
        {
            return Invalid($"{batch.Length - size} bytes follow the record batch, and there must be exactly one");
        }

        return size < RecordBatchHeader.Size
            ? Corrupt($"{size} bytes are too few for a record batch of at least {RecordBatchHeader.Size}")
            : RecordBatchVerdict.Valid;
    }

    private static RecordBatchVerdict ValidateCounts(RecordBatchHeader header)
    {
        if (header.RecordCount <= 0 || header.LastOffsetDelta != header.RecordCount - 1)
        {
            return Wrong($"the record batch counts {header.RecordCount} records, and its last offset delta is {header.LastOffsetDelta}");
        }

        if (header.IsControl)
        {
            return Wrong("a producer may not write control batches");
        }

        if (header.HasProducerId && (header.BaseSequence < 0 || header.ProducerEpoch < 0))
        {
            return Wrong($"producer {header.ProducerId} comes with epoch {header.ProducerEpoch} and sequence {header.BaseSequence}");
        }

        if (header.IsTransactional && !header.HasProducerId)
        {
            return Wrong("a transactional record batch has no producer id");
        }

        return header.Compression > CompressionType.Zstd
            ? new(ErrorCode.UnsupportedCompressionType, $"compression type {(int)header.Compression} isn't known", IsWhole: true)
            : RecordBatchVerdict.Valid;
    }

    private static RecordBatchVerdict Corrupt(string reason) => new(ErrorCode.CorruptMessage, reason);

    private static RecordBatchVerdict Invalid(string reason) => new(ErrorCode.InvalidRecord, reason);

    private static RecordBatchVerdict Wrong(string reason) => new(ErrorCode.InvalidRecord, reason, IsWhole: true);
}
