using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Carousel.Wire.Records;

/// <summary>
/// Writes one uncompressed record batch, record after record. Offsets are counted from 0 unless given: the log that takes the batch gives it its place.
/// </summary>
public sealed class RecordBatchBuilder
{
    private const int IntMaxBytes = 5;
    private const int LongMaxBytes = 10;

    private readonly ArrayBufferWriter<byte> _bytes = new(256);
    private readonly long _baseTimestamp;

    /// <param name="baseTimestamp">Milliseconds since 1970: the time of records that come without one.</param>
    public RecordBatchBuilder(long baseTimestamp)
    {
        _baseTimestamp = baseTimestamp;
        _bytes.GetSpan(RecordBatchHeader.Size)[..RecordBatchHeader.Size].Clear();
        _bytes.Advance(RecordBatchHeader.Size);
    }

    public long BaseOffset { get; init; }

    public int PartitionLeaderEpoch { get; init; }

    public long ProducerId { get; init; } = -1;

    public short ProducerEpoch { get; init; } = -1;

    public int BaseSequence { get; init; } = -1;

    public RecordBatchAttributes Attributes { get; init; }

    /// <summary>Records added so far.</summary>
    public int RecordCount { get; private set; }

    /// <summary>The last offset minus the base offset; the last record's unless set: compaction keeps it when it removes the last record.</summary>
    public int LastOffsetDelta { get; set; } = -1;

    /// <summary>The youngest record's time, or a younger one if set; -1 without records.</summary>
    public long MaxTimestamp { get; set; } = -1;

    /// <summary>Adds a record. Null is a missing key, and a tombstone's value.</summary>
    /// <param name="timestamp">Milliseconds since 1970; the base timestamp by default.</param>
    public RecordBatchBuilder Add(byte[]? key, byte[]? value, long? timestamp = null, IReadOnlyList<RecordHeader>? headers = null)
    {
        var body = new ArrayBufferWriter<byte>((key?.Length ?? 0) + (value?.Length ?? 0) + (3 * IntMaxBytes));
        WriteBytes(body, key);
        WriteBytes(body, value);
        WriteInt(body, headers?.Count ?? 0);
        foreach (RecordHeader header in headers ?? [])
        {
            WriteBytes(body, Encoding.UTF8.GetBytes(header.Key));
            WriteBytes(body, header.Value);
        }

        AddBody(LastOffsetDelta + 1, timestamp ?? _baseTimestamp, body.WrittenSpan);
        return this;
    }

    /// <summary>Adds a record as another batch has it; only its place and time are encoded anew.</summary>
    public void Copy(RecordView record) => AddBody(checked((int)(record.Offset - BaseOffset)), record.Timestamp, record.Body);

    /// <summary>The batch with its checksum. Without records it's an empty batch, as compaction leaves one for a producer's last sequence.</summary>
    public byte[] Build()
    {
        byte[] batch = _bytes.WrittenSpan.ToArray();
        Span<byte> span = batch;
        RecordBatch.SetPlace(span, BaseOffset, PartitionLeaderEpoch);
        BinaryPrimitives.WriteInt32BigEndian(span[RecordBatchHeader.BatchLengthAt..], batch.Length - RecordBatchHeader.LengthPrefixSize);
        span[RecordBatchHeader.MagicAt] = RecordBatch.Magic;
        BinaryPrimitives.WriteInt16BigEndian(span[RecordBatchHeader.AttributesAt..], (short)Attributes);
        BinaryPrimitives.WriteInt32BigEndian(span[RecordBatchHeader.LastOffsetDeltaAt..], LastOffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(span[RecordBatchHeader.BaseTimestampAt..], _baseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(span[RecordBatchHeader.MaxTimestampAt..], MaxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(span[RecordBatchHeader.ProducerIdAt..], ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(span[RecordBatchHeader.ProducerEpochAt..], ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(span[RecordBatchHeader.BaseSequenceAt..], BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(span[RecordBatchHeader.RecordCountAt..], RecordCount);
        RecordBatch.RenewChecksum(span);
        return batch;
    }

    private void AddBody(int offsetDelta, long timestamp, ReadOnlySpan<byte> body)
    {
        long timestampDelta = timestamp - _baseTimestamp;
        WriteInt(_bytes, 1 + Varint.SizeOf(timestampDelta) + Varint.SizeOf(offsetDelta) + body.Length);
        _bytes.Write<byte>([0]);
        _bytes.Advance(Varint.Write(_bytes.GetSpan(LongMaxBytes), timestampDelta));
        WriteInt(_bytes, offsetDelta);
        _bytes.Write(body);
        RecordCount++;
        LastOffsetDelta = offsetDelta;
        MaxTimestamp = Math.Max(MaxTimestamp, timestamp);
    }

    private static void WriteBytes(ArrayBufferWriter<byte> writer, byte[]? bytes)
    {
        WriteInt(writer, bytes?.Length ?? -1);
        writer.Write<byte>(bytes);
    }

    private static void WriteInt(ArrayBufferWriter<byte> writer, int value) => writer.Advance(Varint.Write(writer.GetSpan(IntMaxBytes), value));
}
