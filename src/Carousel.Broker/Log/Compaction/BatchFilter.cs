using Carousel.Wire.Records;
using Carousel.Wire.Records.Compression;

namespace Carousel.Broker.Log;

/// <summary>
/// Decides what compaction keeps of a batch, as Kafka's <c>Cleaner</c> does: of each key the last record; a tombstone until its horizon is over; of an aborted
/// transaction nothing; a marker as long as there are records of its transaction, and until a horizon after that; and the last batch of a producer at least
/// without its records, for its sequence. A batch that loses some of its records is written anew without compression.
/// </summary>
internal sealed class BatchFilter(OffsetMap map, TransactionFilter transactions, CompactionRound round)
{
    /// <summary>The most bytes that a batch may decompress to.</summary>
    public const int DecompressedBytesMax = 64 << 20;

    /// <summary>What is left of the batch: itself, a smaller one, or nothing.</summary>
    /// <param name="kept">The aborted transaction that this marker ends and that stays in the index.</param>
    /// <exception cref="UncleanableException">The records can't be read.</exception>
    public ReadOnlySpan<byte> Filter(ReadOnlySpan<byte> batch, string file, long position, out AbortedTransaction? kept)
    {
        var header = new RecordBatchHeader(batch);
        kept = null;
        bool isObsolete = header.IsControl ? transactions.IsIdle(batch, out kept) : transactions.IsAborted(header);
        bool isOver = header.HasDeleteHorizon && header.BaseTimestamp <= round.Now;
        bool dropsRecords = header.IsControl ? isObsolete && isOver : isObsolete;
        bool keepsEmpty = round.IsLastOfProducer(header) || header.NextOffset == round.UpperBound;
        if (dropsRecords || header.RecordCount == 0)
        {
            return keepsEmpty ? EmptyOf(header) : default;
        }

        if (!Decompressor.TryDecompress(batch, DecompressedBytesMax, out ReadOnlySpan<byte> records, out string? problem))
        {
            throw new UncleanableException($"{file} at byte {position}: {problem}");
        }

        (int keptCount, bool hasTombstones) = Count(header, records);
        if (keptCount == 0)
        {
            return keepsEmpty ? EmptyOf(header) : default;
        }

        bool setsHorizon = (hasTombstones || (header.IsControl && isObsolete)) && !header.HasDeleteHorizon;
        return keptCount == header.RecordCount && !setsHorizon ? batch : Rewrite(header, records, setsHorizon);
    }

    private (int Kept, bool HasTombstones) Count(RecordBatchHeader header, ReadOnlySpan<byte> records)
    {
        int kept = 0;
        bool hasTombstones = false;
        var reader = new RecordReader(header, records);
        while (reader.Read())
        {
            if (Keeps(header, reader.Current))
            {
                kept++;
                hasTombstones |= !reader.Current.HasValue;
            }
        }

        return reader.Problem is null ? (kept, hasTombstones) : throw new UncleanableException($"offset {header.BaseOffset}: {reader.Problem}");
    }

    private bool Keeps(RecordBatchHeader header, RecordView record)
    {
        if (header.IsControl || record.Offset > map.LatestOffset)
        {
            return true;
        }

        bool isTombstoneOver = !record.HasValue && header.HasDeleteHorizon && header.BaseTimestamp <= round.Now;
        return record.HasKey && !isTombstoneOver && record.Offset >= map.Get(record.Key);
    }

    private byte[] Rewrite(RecordBatchHeader header, ReadOnlySpan<byte> records, bool setsHorizon)
    {
        // With a horizon the base timestamp is the horizon's (KIP-534): the records' times are encoded against it.
        RecordBatchBuilder builder = BuilderFor(
            header,
            setsHorizon ? round.Now + round.DeleteRetentionMs : header.BaseTimestamp,
            setsHorizon ? RecordBatchAttributes.DeleteHorizon : RecordBatchAttributes.None);
        var reader = new RecordReader(header, records);
        while (reader.Read())
        {
            if (Keeps(header, reader.Current))
            {
                builder.Copy(reader.Current);
            }
        }

        builder.LastOffsetDelta = header.LastOffsetDelta;
        return builder.Build();
    }

    private static byte[] EmptyOf(RecordBatchHeader header)
    {
        RecordBatchBuilder builder = BuilderFor(header, header.BaseTimestamp, RecordBatchAttributes.None);
        builder.LastOffsetDelta = header.LastOffsetDelta;
        builder.MaxTimestamp = header.MaxTimestamp;
        return builder.Build();
    }

    private static RecordBatchBuilder BuilderFor(RecordBatchHeader header, long baseTimestamp, RecordBatchAttributes added) => new(baseTimestamp)
    {
        BaseOffset = header.BaseOffset,
        PartitionLeaderEpoch = header.PartitionLeaderEpoch,
        ProducerId = header.ProducerId,
        ProducerEpoch = header.ProducerEpoch,
        BaseSequence = header.BaseSequence,
        Attributes = (header.Attributes & ~RecordBatchAttributes.CompressionMask) | added,
    };
}

/// <summary>What one round of compaction goes by.</summary>
/// <param name="Now">The broker's time in milliseconds.</param>
/// <param name="UpperBound">The end of what may be compacted: the batch that ends here stays, so that the offset isn't lost.</param>
/// <param name="LastOfProducers">Per producer the last offset of its records, or -1 and its epoch where a marker came last.</param>
internal sealed record CompactionRound(long Now, long DeleteRetentionMs, long UpperBound, IReadOnlyDictionary<long, (long LastOffset, short Epoch)> LastOfProducers)
{
    public bool IsLastOfProducer(RecordBatchHeader header) =>
        header.HasProducerId
        && LastOfProducers.TryGetValue(header.ProducerId, out (long LastOffset, short Epoch) last)
        && (last.LastOffset >= 0 ? header.LastOffset == last.LastOffset : header.IsControl && header.ProducerEpoch == last.Epoch);
}

/// <summary>A partition holds records that compaction can't read. It's left as it is.</summary>
internal sealed class UncleanableException(string message) : Exception(message);
