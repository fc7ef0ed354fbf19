using Carousel.Broker.Partitions;
using Carousel.Wire.Records;
using Carousel.Wire.Records.Compression;

namespace Carousel.Broker.Log;

/// <summary>Finds records by their time, as ListOffsets does: the time index leads near, the batches' headers to one batch, its records to the record.</summary>
internal static class TimeSearch
{
    /// <summary>The most bytes that a batch may decompress to for one lookup; of a larger one the first offset is returned.</summary>
    private const int DecompressedBytesMax = 64 << 20;

    /// <summary>The first record at or above an offset that isn't older than a time.</summary>
    public static TimestampOffset FindFirst(ReadOnlySpan<LogSegment> segments, long timestamp, long offsetMin)
    {
        foreach (LogSegment segment in segments)
        {
            if (segment.MaxTimestamp < timestamp || !segment.TryAcquire())
            {
                continue;
            }

            try
            {
                long from = Math.Max(offsetMin, segment.BaseOffset + segment.Indexes.Times.RelativeOffsetBefore(timestamp));
                if (TryFind(segment, from, timestamp, out TimestampOffset found))
                {
                    return found;
                }
            }
            finally
            {
                segment.Release();
            }
        }

        return TimestampOffset.None;
    }

    /// <summary>The first record that has the largest time of all.</summary>
    public static TimestampOffset FindYoungest(ReadOnlySpan<LogSegment> segments, long offsetMin)
    {
        LogSegment? youngest = null;
        foreach (LogSegment segment in segments)
        {
            youngest = youngest is null || segment.MaxTimestamp > youngest.MaxTimestamp ? segment : youngest;
        }

        return youngest is null || youngest.MaxTimestamp < 0
            ? TimestampOffset.None
            : FindFirst(new ReadOnlySpan<LogSegment>(ref youngest!), youngest.MaxTimestamp, offsetMin);
    }

    private static bool TryFind(LogSegment segment, long offsetMin, long timestamp, out TimestampOffset found)
    {
        found = TimestampOffset.None;
        if (!segment.TryLocate(offsetMin, out BatchPlace place))
        {
            return false;
        }

        Span<byte> buffer = stackalloc byte[BatchWalk.BufferSize];
        var walk = new BatchWalk(segment.LogFile, place.Position, segment.Size, buffer);
        while (walk.Read())
        {
            if (walk.Current.MaxTimestamp >= timestamp && TryFindRecord(segment, walk.Current, offsetMin, timestamp, out found))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryFindRecord(LogSegment segment, BatchPlace place, long offsetMin, long timestamp, out TimestampOffset found)
    {
        using PooledBytes buffer = PooledBytes.Rent(place.Size);
        Span<byte> batch = buffer.Bytes.Span;
        int read = segment.LogFile.Read(batch, place.Position);
        var header = new RecordBatchHeader(batch);
        if (read < place.Size || !Decompressor.TryDecompress(batch, DecompressedBytesMax, out ReadOnlySpan<byte> records, out _))
        {
            // An offset that is somewhat early is better than none.
            found = new(header.MaxTimestamp, Math.Max(header.BaseOffset, offsetMin));
            return true;
        }

        var reader = new RecordReader(header, records);
        while (reader.Read())
        {
            if (reader.Current.Timestamp >= timestamp && reader.Current.Offset >= offsetMin)
            {
                found = new(reader.Current.Timestamp, reader.Current.Offset);
                return true;
            }
        }

        found = TimestampOffset.None;
        return false;
    }
}
