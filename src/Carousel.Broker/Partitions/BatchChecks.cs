using Carousel.Broker.Log;
using Carousel.Wire;
using Carousel.Wire.Records;
using Carousel.Wire.Records.Compression;

namespace Carousel.Broker.Partitions;

/// <summary>What can be said of a batch without its partition's state.</summary>
internal static class BatchChecks
{
    /// <summary>The most bytes that a batch for a compacted topic may decompress to: its keys must be looked at.</summary>
    private const int DecompressedBytesMax = 64 << 20;

    /// <summary>The most records of a batch that a refusal names: the answer must not be larger than the request.</summary>
    private const int RefusedRecordsMax = 1_000;

    /// <param name="now">The broker's time in milliseconds.</param>
    public static RecordBatchVerdict Check(ReadOnlySpan<byte> batch, AppendOrigin origin, LogSettings settings, long now)
    {
        if (origin == AppendOrigin.Coordinator)
        {
            // This broker built it; and offsets committed in a transaction have a producer, but no sequence.
            return RecordBatchVerdict.Valid;
        }

        RecordBatchVerdict verdict = RecordBatch.Validate(batch, settings.MaxMessageBytes);
        if (!verdict.IsValid)
        {
            return verdict;
        }

        verdict = settings.IsLogAppendTime ? verdict : CheckTime(batch, settings, now);
        return verdict.IsValid && settings.IsCompacted ? CheckKeys(batch) : verdict;
    }

    private static RecordBatchVerdict CheckTime(ReadOnlySpan<byte> batch, LogSettings settings, long now)
    {
        var header = new RecordBatchHeader(batch);
        if (settings.TimestampAfterMax is { } after && header.MaxTimestamp - now > after.TotalMilliseconds)
        {
            string reason = $"timestamp {header.MaxTimestamp} is more than {after} ahead of the broker's clock";
            return Refuse(ErrorCode.InvalidTimestamp, reason, FindRecords(batch, record => record.Timestamp - now > after.TotalMilliseconds, out _));
        }

        if (settings.TimestampBeforeMax is { } before && header.BaseTimestamp >= 0 && now - header.BaseTimestamp > before.TotalMilliseconds)
        {
            string reason = $"timestamp {header.BaseTimestamp} is more than {before} behind the broker's clock";
            return Refuse(ErrorCode.InvalidTimestamp, reason, FindRecords(batch, record => now - record.Timestamp > before.TotalMilliseconds, out _));
        }

        return RecordBatchVerdict.Valid;
    }

    /// <summary>Compaction keeps the last record of each key, so there must be one (Kafka's <c>LogValidator.validateKey</c>).</summary>
    private static RecordBatchVerdict CheckKeys(ReadOnlySpan<byte> batch)
    {
        List<int> keyless = FindRecords(batch, record => !record.HasKey, out string? problem);
        if (keyless.Count > 0)
        {
            return Refuse(ErrorCode.InvalidRecord, "a record has no key, and the topic is compacted", keyless);
        }

        return problem is null ? RecordBatchVerdict.Valid : Refuse(ErrorCode.InvalidRecord, problem);
    }

    /// <summary>The records that are so, counted from 0; not all of them where there are very many.</summary>
    /// <param name="problem">Why not all could be looked at; null if they could.</param>
    private static List<int> FindRecords(ReadOnlySpan<byte> batch, RecordRule isSo, out string? problem)
    {
        var found = new List<int>();
        if (!Decompressor.TryDecompress(batch, DecompressedBytesMax, out ReadOnlySpan<byte> records, out problem))
        {
            return found;
        }

        var reader = new RecordReader(new RecordBatchHeader(batch), records);
        for (int index = 0; reader.Read(); index++)
        {
            if (isSo(reader.Current) && found.Count < RefusedRecordsMax)
            {
                found.Add(index);
            }
        }

        problem = reader.Problem;
        return found;
    }

    private static RecordBatchVerdict Refuse(ErrorCode error, string? reason, List<int>? records = null) => new(error, reason, IsWhole: true, records);

    private delegate bool RecordRule(RecordView record);
}
