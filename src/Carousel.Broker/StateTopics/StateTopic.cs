using Carousel.Wire;
using Carousel.Wire.Records;

namespace Carousel.Broker.StateTopics;

/// <summary>
/// One of the broker's own compacted topics, as a coordinator's memory on disk: it is appended to before anybody is told of a change, and read from start
/// to end when the broker starts. Has no state but its partitions; any thread may use it.
/// </summary>
/// <param name="logs">One for each partition, by number.</param>
internal sealed class StateTopic(string name, IReadOnlyList<IStateLog> logs, TimeProvider time)
{
    public string Name { get; } = name;

    public int PartitionCount => logs.Count;

    /// <summary>
    /// Where everything about this group or transactional id is kept: Kafka's <c>Utils.abs(id.hashCode()) % partitions</c>, so that its tools look into
    /// the same partition.
    /// </summary>
    public int PartitionOf(string id)
    {
        int hash = 0;
        foreach (char unit in id)
        {
            hash = unchecked((31 * hash) + unit);
        }

        return (hash == int.MinValue ? 0 : Math.Abs(hash)) % PartitionCount;
    }

    /// <summary>
    /// Writes the records as one batch: all of them are there after a crash, or none. They have their offsets, and are not yet durable, when this returns;
    /// whoever keeps them in memory under a lock appends under the same lock, so that memory and log agree on the order.
    /// </summary>
    /// <param name="transactional">The transaction that the records belong to, if they do.</param>
    public StateAppend Append(int partition, IReadOnlyList<StateRecord> records, ProducerStamp? transactional = null)
    {
        var builder = new RecordBatchBuilder(time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            ProducerId = transactional?.ProducerId ?? -1,
            ProducerEpoch = transactional?.ProducerEpoch ?? -1,

            // As Kafka writes it. It counts nothing: what a coordinator writes isn't checked for its sequence.
            BaseSequence = 0,
            Attributes = transactional is null ? RecordBatchAttributes.None : RecordBatchAttributes.Transactional,
        };
        foreach (StateRecord record in records)
        {
            builder.Add(record.Key, record.Value);
        }

        return logs[partition].Append(builder.Build());
    }

    /// <summary>As <see cref="Append"/>, and completes when the records are durable.</summary>
    /// <returns>None, or why they aren't.</returns>
    public async ValueTask<ErrorCode> AppendAsync(int partition, IReadOnlyList<StateRecord> records, ProducerStamp? transactional = null)
    {
        StateAppend append = Append(partition, records, transactional);
        return append.Error == ErrorCode.None ? await WaitUntilDurableAsync(partition, append.LastOffset) : append.Error;
    }

    /// <summary>Completes when nothing can take the record at this offset, and those before it, back.</summary>
    /// <param name="offset">-1 to wait for nothing.</param>
    /// <returns>None, or the error of a partition that can't be written any more.</returns>
    public ValueTask<ErrorCode> WaitUntilDurableAsync(int partition, long offset) =>
        offset < 0 ? new ValueTask<ErrorCode>(ErrorCode.None) : logs[partition].WaitUntilDurableAsync(offset);

    /// <summary>Shows every record and marker of the partition, from the log's start to its end, in order.</summary>
    /// <exception cref="InvalidDataException">The partition holds what no coordinator wrote; the message says where.</exception>
    public void Replay(int partition, Action<StateRecordRead> visit)
    {
        long next = 0;
        while (logs[partition].Read(next) is { IsEmpty: false } batches)
        {
            while (!batches.IsEmpty)
            {
                var header = new RecordBatchHeader(batches.Span);
                int size = checked((int)header.SizeInBytes);
                ReplayBatch(partition, batches[..size], visit);
                next = header.NextOffset;
                batches = batches[size..];
            }
        }
    }

    private void ReplayBatch(int partition, ReadOnlyMemory<byte> batch, Action<StateRecordRead> visit)
    {
        var header = new RecordBatchHeader(batch.Span);
        if (header.Compression != CompressionType.None)
        {
            throw Broken(partition, header.BaseOffset, $"it is compressed with {header.Compression}");
        }

        if (header.IsControl)
        {
            if (ControlRecord.TryRead(batch.Span, out ControlRecord marker))
            {
                visit(new StateRecordRead.Marker(header.BaseOffset, header.ProducerId, header.ProducerEpoch, marker.IsCommit, marker.CoordinatorEpoch));
            }

            return;
        }

        ReadOnlyMemory<byte> records = batch[RecordBatchHeader.Size..];
        RecordReader reader = new(header, records.Span);
        while (reader.Read())
        {
            RecordView record = reader.Current;
            visit(new StateRecordRead.Data(
                record.Offset,
                header.ProducerId,
                header.ProducerEpoch,
                header.IsTransactional,
                Slice(records, record.Key),
                record.HasValue ? Slice(records, record.Value) : (ReadOnlyMemory<byte>?)null));
        }

        if (reader.Problem is { } problem)
        {
            throw Broken(partition, header.BaseOffset, problem);
        }
    }

    /// <summary>The same bytes as memory, which a message can be read from without a copy.</summary>
    private static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> records, ReadOnlySpan<byte> part) =>
        records.Span.Overlaps(part, out int at) ? records.Slice(at, part.Length) : default;

    private InvalidDataException Broken(int partition, long offset, string problem) =>
        new($"The batch at offset {offset} of {Name}-{partition} can't be read: {problem}.");
}
