using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Wire;
using Carousel.Wire.Records;

namespace Carousel.Broker.Topics.Metadata;

/// <summary>
/// The catalog's memory on disk: one compacted partition that no client sees. What was appended is durable before anybody is told.
/// </summary>
internal sealed class MetadataLog
{
    private const int ReadBytesMax = 1 << 20;

    /// <summary>An id of its own, as Kafka's metadata topic has (its Uuid.METADATA_TOPIC_ID is number 1).</summary>
    private static readonly Guid TopicId = new("00000000-0000-0000-0000-000000000002");

    private static readonly LogSettings Settings = new() { CleanupPolicy = CleanupPolicies.Compact, SegmentBytes = 4 << 20 };
    private readonly Partition _partition;
    private readonly TimeProvider _time;

    private MetadataLog(Partition partition, TimeProvider time) => (_partition, _time) = (partition, time);

    public static TopicPartition Name { get; } = new(TopicName.Metadata, 0);

    /// <summary>The log of the data directory, made if it is new.</summary>
    /// <exception cref="DataDirectoryException">It isn't there, and other partitions hold records: made anew, it would hide them all.</exception>
    public static MetadataLog Open(PartitionSet partitions, TimeProvider time)
    {
        if (!partitions.TryGet(Name, out Partition? partition))
        {
            if (partitions.Partitions.FirstOrDefault(other => other.Fault is not null || other.LogEndOffset > 0) is { } other)
            {
                throw new DataDirectoryException(
                    $"The catalog of topics, the folder {Name}, is missing, and {other.Name} isn't empty. Put it back from a copy, or start with an empty directory.");
            }

            partition = partitions.Create(Name, TopicId, Settings);
        }

        partition.Settings = Settings;
        return new MetadataLog(partition, time);
    }

    /// <summary>All records from the oldest on. One that compaction will remove may still be there.</summary>
    /// <exception cref="DataDirectoryException">The log can't be read; without it nobody knows what the other files are.</exception>
    public IEnumerable<MetadataRecord> ReadAll()
    {
        if (_partition.Fault is { } fault)
        {
            throw Unreadable($"{fault}.");
        }

        long offset = _partition.LogStartOffset;
        while (offset < _partition.HighWatermark)
        {
            using ReadResult read = _partition.Read(offset, ReadBytesMax, readCommitted: false, minOneBatch: true);
            if (read.Error != ErrorCode.None || read.NextOffset <= offset)
            {
                throw Unreadable($"reading offset {offset} answers {read.Error}.");
            }

            foreach (MetadataRecord record in DecodeAll(read.Records, offset))
            {
                yield return record;
            }

            offset = read.NextOffset;
        }
    }

    /// <summary>Appends the records in one batch, all or none. Returns once they are durable, or with the reason why not.</summary>
    public async ValueTask<CatalogResult> AppendAsync(params IReadOnlyList<MetadataRecord> records)
    {
        var batch = new RecordBatchBuilder(_time.GetUtcNow().ToUnixTimeMilliseconds());
        foreach (MetadataRecord record in records)
        {
            (byte[] key, byte[]? value) = MetadataRecordCodec.Write(record);
            batch.Add(key, value);
        }

        AppendResult appended = _partition.Append(batch.Build(), AppendOrigin.Coordinator);
        if (!appended.IsSuccess)
        {
            return new CatalogResult(appended.Error, appended.Reason);
        }

        ErrorCode error = await _partition.WaitUntilDurableAsync(appended.LastOffset, CancellationToken.None);
        return error == ErrorCode.None ? CatalogResult.Done : new CatalogResult(error, "The change could not be made durable.");
    }

    /// <summary>The records of one batch.</summary>
    /// <exception cref="WireFormatException">One of them is none that this version knows.</exception>
    public static IReadOnlyList<MetadataRecord> Decode(ReadOnlySpan<byte> batch)
    {
        var records = new List<MetadataRecord>();
        RecordReader reader = RecordReader.OfUncompressed(batch);
        while (reader.Read())
        {
            RecordView record = reader.Current;
            ReadOnlyMemory<byte>? value = record.HasValue ? record.Value.ToArray() : default(ReadOnlyMemory<byte>?);
            records.Add(MetadataRecordCodec.Read(record.Key.ToArray(), value));
        }

        return reader.Problem is null ? records : throw new WireFormatException(reader.Problem);
    }

    private static List<MetadataRecord> DecodeAll(ReadOnlyMemory<byte> batches, long offset)
    {
        var records = new List<MetadataRecord>();
        try
        {
            for (int position = 0; position < batches.Length;)
            {
                ReadOnlySpan<byte> rest = batches.Span[position..];
                var size = (int)new RecordBatchHeader(rest).SizeInBytes;
                records.AddRange(Decode(rest[..size]));
                position += size;
            }
        }
        catch (WireFormatException e)
        {
            throw Unreadable($"in the batches from offset {offset} on, {e.Message}");
        }

        return records;
    }

    private static DataDirectoryException Unreadable(string reason) =>
        new($"The catalog of topics in {Name} can't be read: {reason} Put the directory back from a copy, or start with an empty one.");
}
