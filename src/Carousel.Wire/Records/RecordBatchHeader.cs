using System.Buffers.Binary;

namespace Carousel.Wire.Records;

/// <summary>
/// The fixed part of a record batch of magic 2, read in place; all integers are big-endian (Kafka's <c>DefaultRecordBatch</c>):
/// <code>
///  0 baseOffset i64 | 8 batchLength i32 (bytes after it) | 12 partitionLeaderEpoch i32 | 16 magic i8 | 17 crc u32 (CRC-32C of bytes 21 to the end)
/// 21 attributes i16 | 23 lastOffsetDelta i32 | 27 baseTimestamp i64 | 35 maxTimestamp i64 | 43 producerId i64 | 51 producerEpoch i16
/// 53 baseSequence i32 | 57 recordCount i32 | 61 records
/// </code>
/// Nothing is checked here: see <see cref="RecordBatch.Validate"/>.
/// </summary>
public readonly ref struct RecordBatchHeader
{
    /// <summary>Bytes of the header; the records follow.</summary>
    public const int Size = 61;

    /// <summary>Bytes of baseOffset and batchLength, which batchLength doesn't count.</summary>
    public const int LengthPrefixSize = 12;

    internal const int BatchLengthAt = 8;
    internal const int PartitionLeaderEpochAt = 12;
    internal const int MagicAt = 16;
    internal const int CrcAt = 17;
    internal const int AttributesAt = 21;
    internal const int LastOffsetDeltaAt = 23;
    internal const int BaseTimestampAt = 27;
    internal const int MaxTimestampAt = 35;
    internal const int ProducerIdAt = 43;
    internal const int ProducerEpochAt = 51;
    internal const int BaseSequenceAt = 53;
    internal const int RecordCountAt = 57;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="batch">Starts with the header; at least <see cref="Size"/> bytes, or it throws.</param>
    public RecordBatchHeader(ReadOnlySpan<byte> batch) => _bytes = batch[..Size];

    public long BaseOffset => BinaryPrimitives.ReadInt64BigEndian(_bytes);

    /// <summary>The length field as it stands; it may be anything.</summary>
    public int BatchLength => BinaryPrimitives.ReadInt32BigEndian(_bytes[BatchLengthAt..]);

    /// <summary>The bytes the whole batch claims to have.</summary>
    public long SizeInBytes => LengthPrefixSize + (long)BatchLength;

    public int PartitionLeaderEpoch => BinaryPrimitives.ReadInt32BigEndian(_bytes[PartitionLeaderEpochAt..]);

    public byte Magic => _bytes[MagicAt];

    public uint Crc => BinaryPrimitives.ReadUInt32BigEndian(_bytes[CrcAt..]);

    public RecordBatchAttributes Attributes => (RecordBatchAttributes)BinaryPrimitives.ReadInt16BigEndian(_bytes[AttributesAt..]);

    public CompressionType Compression => (CompressionType)(Attributes & RecordBatchAttributes.CompressionMask);

    public bool IsLogAppendTime => (Attributes & RecordBatchAttributes.LogAppendTime) != 0;

    public bool IsTransactional => (Attributes & RecordBatchAttributes.Transactional) != 0;

    public bool IsControl => (Attributes & RecordBatchAttributes.Control) != 0;

    /// <summary>The base timestamp is the time after which tombstones of this batch may go (KIP-534).</summary>
    public bool HasDeleteHorizon => (Attributes & RecordBatchAttributes.DeleteHorizon) != 0;

    public int LastOffsetDelta => BinaryPrimitives.ReadInt32BigEndian(_bytes[LastOffsetDeltaAt..]);

    public long LastOffset => BaseOffset + LastOffsetDelta;

    public long NextOffset => LastOffset + 1;

    public long BaseTimestamp => BinaryPrimitives.ReadInt64BigEndian(_bytes[BaseTimestampAt..]);

    public long MaxTimestamp => BinaryPrimitives.ReadInt64BigEndian(_bytes[MaxTimestampAt..]);

    public long ProducerId => BinaryPrimitives.ReadInt64BigEndian(_bytes[ProducerIdAt..]);

    public bool HasProducerId => ProducerId >= 0;

    public short ProducerEpoch => BinaryPrimitives.ReadInt16BigEndian(_bytes[ProducerEpochAt..]);

    public int BaseSequence => BinaryPrimitives.ReadInt32BigEndian(_bytes[BaseSequenceAt..]);

    /// <summary>The sequence of the last record, which starts again at 0 after 2147483647; -1 without a base sequence.</summary>
    public int LastSequence => BaseSequence < 0 ? -1 : (int)(((long)BaseSequence + LastOffsetDelta) & int.MaxValue);

    public int RecordCount => BinaryPrimitives.ReadInt32BigEndian(_bytes[RecordCountAt..]);
}
