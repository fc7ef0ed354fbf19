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

        verdict = settings.IsLogAppendTime ? verdict : CheckTime(new RecordBatchHeader(batch), settings, now);
        return verdict.IsValid && settings.IsCompacted ? CheckKeys(batch) : verdict;
    }

    private static RecordBatchVerdict CheckTime(RecordBatchHeader header, LogSettings settings, long now)
    {
        if (settings.TimestampAfterMax is { } after && header.MaxTimestamp - now > after.TotalMilliseconds)
        {
            return new(ErrorCode.InvalidTimestamp, $"timestamp {header.MaxTimestamp} is more than {after} ahead of the broker's clock");
        }

        if (settings.TimestampBeforeMax is { } before && header.BaseTimestamp >= 0 && now - header.BaseTimestamp > before.TotalMilliseconds)
        {
            return new(ErrorCode.InvalidTimestamp, $"timestamp {header.BaseTimestamp} is more than {before} behind the broker's clock");
        }

        return RecordBatchVerdict.Valid;
    }

    /// <summary>Compaction keeps the last record of each key, so there must be one (Kafka's <c>LogValidator.validateKey</c>).</summary>
    private static RecordBatchVerdict CheckKeys(ReadOnlySpan<byte> batch)
    {
        if (!Decompressor.TryDecompress(batch, DecompressedBytesMax, out ReadOnlySpan<byte> records, out string? problem))
        {
            return new(ErrorCode.InvalidRecord, problem);
        }

        var reader = new RecordReader(new RecordBatchHeader(batch), records);
        while (reader.Read())
        {
            if (!reader.Current.HasKey)
            {
                return new(ErrorCode.InvalidRecord, "a record has no key, and the topic is compacted");
            }
        }

        return reader.Problem is null ? RecordBatchVerdict.Valid : new(ErrorCode.InvalidRecord, reader.Problem);
    }
}
