using Carousel.Broker.Partitions;
using Carousel.Wire.Records;
using Carousel.Wire.Records.Compression;

namespace Carousel.Broker.Log;

/// <summary>
/// One round of compaction of one partition: learn the last offset of each key from what came since the last round, then write every ended segment anew with
/// what is to stay. Whoever runs it holds the partition's maintenance lock; readers and writers go on.
/// </summary>
internal sealed class Compaction(LogContext context, Partition partition, PartitionLog log, CancellationToken cancellationToken)
{
    private readonly LogSettings _settings = partition.Settings;

    /// <summary>Compacts what lies below <paramref name="upperBound"/>. Returns the offset below which everything was compacted against itself.</summary>
    /// <param name="firstDirty">What lies below was compacted before.</param>
    public long Run(long firstDirty, long upperBound, int keysMax)
    {
        LogSegment[] segments = [.. SegmentsBelow(upperBound)];
        OffsetMap map = LearnKeys(segments, firstDirty, upperBound, keysMax);
        long endOffset = map.LatestOffset + 1;
        if (endOffset <= firstDirty)
        {
            throw new UncleanableException($"{partition.Name}: one batch has more than {keysMax} keys");
        }

        var round = new CompactionRound(context.Now, (long)_settings.DeleteRetention.TotalMilliseconds, upperBound, LastOfProducers());
        var transactions = new TransactionFilter(log.FindAborted(segments[0].BaseOffset, upperBound));
        var filter = new BatchFilter(map, transactions, round);
        foreach (LogSegment[] group in Group([.. segments.Where(segment => segment.BaseOffset < endOffset)]))
        {
            Replace(group, Rewrite(group, filter));
        }

        return endOffset;
    }

    private List<LogSegment> SegmentsBelow(long offset)
    {
        var found = new List<LogSegment>();
        foreach (LogSegment segment in log.Segments)
        {
            if (segment.BaseOffset < offset)
            {
                found.Add(segment);
            }
        }

        return found;
    }

    private OffsetMap LearnKeys(LogSegment[] segments, long firstDirty, long upperBound, int keysMax)
    {
        var map = new OffsetMap((int)Math.Min(keysMax, upperBound - firstDirty));
        var transactions = new TransactionFilter(log.FindAborted(firstDirty, upperBound));
        for (int index = PartitionLog.FloorIndex(segments, firstDirty); index < segments.Length; index++)
        {
            using var reader = new BatchReader(segments[index].LogFile, 0, segments[index].Size, offsetMin: 0);
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (reader.Header.LastOffset >= firstDirty && !TryLearn(map, reader.Batch, transactions, firstDirty))
                {
                    return map;
                }
            }

            ThrowIfBroken(reader, segments[index]);
            map.LatestOffset = Math.Max(map.LatestOffset, (index + 1 < segments.Length ? segments[index + 1].BaseOffset : upperBound) - 1);
        }

        return map;
    }

    /// <summary>False if the map is full: then the batch isn't counted in, though some of its keys may be.</summary>
    private bool TryLearn(OffsetMap map, ReadOnlySpan<byte> batch, TransactionFilter transactions, long firstDirty)
    {
        var header = new RecordBatchHeader(batch);
        if (header.IsControl)
        {
            _ = transactions.IsIdle(batch, out _);
        }
        else if (!transactions.IsAborted(header))
        {
            if (!Decompressor.TryDecompress(batch, BatchFilter.DecompressedBytesMax, out ReadOnlySpan<byte> records, out string? problem))
            {
                throw new UncleanableException($"{partition.Name}, offset {header.BaseOffset}: {problem}");
            }

            var reader = new RecordReader(header, records);
            while (reader.Read())
            {
                if (reader.Current.HasKey && reader.Current.Offset >= firstDirty && !map.TryPut(reader.Current.Key, reader.Current.Offset))
                {
                    return false;
                }
            }
        }

        map.LatestOffset = header.LastOffset;
        return true;
    }

    private Dictionary<long, (long, short)> LastOfProducers()
    {
        Dictionary<long, (long, short)> last = [];
        _ = partition.TryMaintain(locked =>
        {
            last = locked.Producers.All.ToDictionary(state => state.ProducerId, state => (state.LastDataOffset, state.Epoch));
        });
        return last;
    }

    /// <summary>Neighbours that fit into one segment become one, so that compacted logs don't end as many tiny files.</summary>
    private List<LogSegment[]> Group(LogSegment[] segments)
    {
        var groups = new List<LogSegment[]>();
        int first = 0;
        for (int index = 1; index <= segments.Length; index++)
        {
            ReadOnlySpan<LogSegment> group = segments.AsSpan(first, index - first);
            if (index == segments.Length || !Fits(group, segments[index]))
            {
                groups.Add(group.ToArray());
                first = index;
            }
        }

        return groups;
    }

    private bool Fits(ReadOnlySpan<LogSegment> group, LogSegment next)
    {
        (long size, long indexSize) = (next.Size, next.Indexes.SizeInBytes);
        foreach (LogSegment segment in group)
        {
            (size, indexSize) = (size + segment.Size, indexSize + segment.Indexes.SizeInBytes);
        }

        // The end of the next segment isn't known without a walk; what begins after it does.
        long end = log.Segments[PartitionLog.FloorIndex(log.Segments, next.BaseOffset) + 1].BaseOffset;
        return size <= _settings.SegmentBytes
            && indexSize <= _settings.SegmentIndexBytes
            && end - group[0].BaseOffset <= int.MaxValue;
    }

    private LogSegment Rewrite(LogSegment[] group, BatchFilter filter)
    {
        LogSegment.DeleteFiles(context.Files, log.Directory, group[0].BaseOffset, SegmentFiles.Cleaned);
        var cleaned = new LogSegment(context.Files, log.Directory, group[0].BaseOffset, SegmentFiles.Cleaned);
        try
        {
            foreach (LogSegment segment in group)
            {
                using var reader = new BatchReader(segment.LogFile, 0, segment.Size, offsetMin: 0);
                while (reader.Read())
                {
                    ThrowIfOver();
                    Keep(cleaned, filter.Filter(reader.Batch, segment.LogPath, reader.Position, out AbortedTransaction? kept), kept);
                }

                ThrowIfBroken(reader, segment);
            }

            cleaned.SaveFiles();
            cleaned.Indexes.Aborts.SaveEvenIfEmpty();
            cleaned.Sync(withIndexes: true);
            return cleaned;
        }
        catch
        {
            cleaned.Delete();
            throw;
        }
    }

    private void Keep(LogSegment cleaned, ReadOnlySpan<byte> batch, AbortedTransaction? kept)
    {
        if (kept is { } aborted)
        {
            cleaned.Indexes.Aborts.Add(aborted);
        }

        if (!batch.IsEmpty)
        {
            cleaned.Append(batch, _settings.IndexIntervalBytes, isPreallocated: false);
        }
    }

    private void Replace(LogSegment[] group, LogSegment cleaned)
    {
        // Whoever reads the old segments goes on with the files that are open, under whatever name.
        foreach (LogSegment segment in group)
        {
            segment.Indexes.KeepOpen();
        }

        cleaned.Release();
        log.SyncFlushedOffset();
        SegmentLeftovers.Begin(context.Files, log.Directory, group[0].BaseOffset, group.Select(segment => segment.BaseOffset));
        SegmentLeftovers.Complete(context.Files, log.Directory, group[0].BaseOffset);
        var replacement = new LogSegment(context.Files, log.Directory, group[0].BaseOffset);
        if (!replacement.TryUseFiles())
        {
            throw new InvalidOperationException($"{replacement.LogPath} was compacted, and its indexes can't be used.");
        }

        bool isReplaced = partition.TryMaintain(locked => locked.Replace(group, [replacement]));
        foreach (LogSegment segment in isReplaced ? group : [replacement])
        {
            segment.Release();
        }
    }

    private void ThrowIfOver()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (partition.IsEnded)
        {
            throw new OperationCanceledException($"{partition.Name} is gone.");
        }
    }

    private static void ThrowIfBroken(BatchReader reader, LogSegment segment)
    {
        if (reader.Problem is not null)
        {
            throw new UncleanableException($"{segment.LogPath} at byte {reader.Position}: {reader.Problem}");
        }
    }
}
