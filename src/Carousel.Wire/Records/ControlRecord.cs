using System.Buffers.Binary;

namespace Carousel.Wire.Records;

/// <summary>
/// The marker that ends a transaction in a partition: a control batch with one record of key <c>version:i16=0 type:i16</c> and value
/// <c>version:i16=0 coordinatorEpoch:i32</c> (Kafka's <c>ControlRecordType</c> and <c>EndTransactionMarker</c>). 78 bytes on disk.
/// </summary>
/// <param name="IsCommit">Commit, or abort.</param>
/// <param name="CoordinatorEpoch">Epoch of the coordinator that wrote the marker.</param>
public readonly record struct ControlRecord(bool IsCommit, int CoordinatorEpoch)
{
    private const int KeySize = 4;
    private const int ValueSize = 6;
    private const short Abort = 0;
    private const short Commit = 1;

    /// <summary>Builds the control batch of a marker.</summary>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    public byte[] BuildBatch(long producerId, short producerEpoch, long timestamp)
    {
        byte[] key = new byte[KeySize];
        BinaryPrimitives.WriteInt16BigEndian(key.AsSpan(2), IsCommit ? Commit : Abort);
        byte[] value = new byte[ValueSize];
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(2), CoordinatorEpoch);
        var builder = new RecordBatchBuilder(timestamp)
        {
            ProducerId = producerId,
            ProducerEpoch = producerEpoch,
            Attributes = RecordBatchAttributes.Transactional | RecordBatchAttributes.Control,
        };
        return builder.Add(key, value).Build();
    }

    /// <summary>Reads the marker in a control batch. False where the batch holds another control record, or none (compaction took it).</summary>
    public static bool TryRead(ReadOnlySpan<byte> controlBatch, out ControlRecord marker)
    {
        marker = default;
        RecordReader reader = RecordReader.OfUncompressed(controlBatch);
        if (!reader.Read() || reader.Current.Key.Length < KeySize || reader.Current.Value.Length < ValueSize)
        {
            return false;
        }

        short type = BinaryPrimitives.ReadInt16BigEndian(reader.Current.Key[2..]);
        marker = new(type == Commit, BinaryPrimitives.ReadInt32BigEndian(reader.Current.Value[2..]));
        return type is Abort or Commit;
    }
}
