using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// Opens the files of a partition. After a clean stop they are taken as they are. After a crash everything from the segment of the recovery point on is
/// walked: indexes and producer states are made anew, and what a write left torn at the end is cut. Below the recovery point nothing is ever cut: what is
/// wrong there was promised to somebody, so it throws and the partition stays out of service.
/// </summary>
internal sealed partial class LogRecovery(LogContext context, string directory, int indexIntervalBytes)
{
    private readonly List<LogSegment> _segments = [];

    /// <exception cref="LogCorruptException">Something that was flushed isn't there, or isn't what was written.</exception>
    public PartitionLog Open(RecoveryHints hints)
    {
        try
        {
            return OpenSegments(hints);
        }
        catch
        {
            foreach (LogSegment segment in _segments)
            {
                segment.Release();
            }

            throw;
        }
    }

    private PartitionLog OpenSegments(RecoveryHints hints)
    {
        SegmentLeftovers.Settle(context.Files, directory);
        foreach (long offset in SegmentFiles.OffsetsOf(context.Files, directory, SegmentFiles.Log))
        {
            _segments.Add(new LogSegment(context.Files, directory, offset));
        }

        if (_segments.Count == 0)
        {
            _segments.Add(new LogSegment(context.Files, directory, hints.StartOffset));
            context.Files.SyncDirectory(directory);
        }

        long flushed = Math.Max(hints.RecoveryPoint, FlushedOffsetFile.Read(context.Files, directory));
        int scanned = hints.IsClean ? _segments.Count : PartitionLog.FloorIndex(_segments.ToArray(), flushed);
        for (int index = 0; index < scanned; index++)
        {
            UseSealed(_segments[index]);
        }

        ProducerStates producers = hints.IsClean ? OpenClean() : Scan(scanned, flushed);
        if (producers.NextOffset < flushed)
        {
            throw new LogCorruptException(
                _segments[^1].LogPath,
                _segments[^1].Size,
                $"the log ends at offset {producers.NextOffset}, and everything below {flushed} had been flushed");
        }

        DeleteOldSnapshots(producers.NextOffset);
        long start = Math.Max(hints.StartOffset, _segments[0].BaseOffset);
        return new PartitionLog(context, directory, _segments, producers, Math.Min(start, producers.NextOffset));
    }

    private ProducerStates OpenClean()
    {
        LogSegment last = _segments[^1];
        last.Offsets.Unseal();
        last.Times.Unseal();
        long endOffset = last.BaseOffset;
        Span<byte> buffer = stackalloc byte[BatchWalk.BufferSize];
        int from = last.Offsets.Count == 0 ? 0 : last.Offsets.EntryAt(last.Offsets.Count - 1).Position;
        var walk = new BatchWalk(last.LogFile, from, last.Size, buffer);
        while (walk.Read())
        {
            endOffset = walk.Current.LastOffset + 1;
        }

        return ProducersAt(endOffset);
    }

    /// <summary>Takes an ended segment by its files; where those can't be used, its batches are walked.</summary>
    private void UseSealed(LogSegment segment)
    {
        if (segment.TryUseFiles())
        {
            return;
        }

        LogIndexRebuilt(context.Logger, segment.LogPath);
        ProducerStates producers = ProducersAt(segment.BaseOffset);
        segment.Reset();
        using var reader = new BatchReader(segment.LogFile, 0, (int)segment.FileLength, segment.BaseOffset);
        Walk(segment, reader, producers, strictFrom: long.MaxValue);
        if (reader.Problem is not null)
        {
            throw new LogCorruptException(segment.LogPath, reader.Position, reader.Problem);
        }

        segment.SaveFiles();
        segment.Sync(withIndexes: true);
        segment.Seal();
    }

    /// <summary>Walks the segments from this one on, until the end or the first batch that isn't sound.</summary>
    private ProducerStates Scan(int first, long flushed)
    {
        ProducerStates producers = ProducersAt(_segments[first].BaseOffset);
        long bytes = 0;
        for (int index = first; index < _segments.Count; index++)
        {
            LogSegment segment = _segments[index];
            segment.Reset();
            producers.NextOffset = Math.Max(segment.BaseOffset, producers.NextOffset);
            using var reader = new BatchReader(segment.LogFile, 0, (int)segment.FileLength, producers.NextOffset);
            string? problem = Walk(segment, reader, producers, strictFrom: flushed) ?? reader.Problem;
            bytes += segment.Size;
            bool isLast = index == _segments.Count - 1;
            if (problem is not null && !IsZeroFrom(segment, reader.Position))
            {
                CutAt(index, reader.Position, producers.NextOffset, flushed, problem);
            }
            else if (!isLast && _segments[index + 1].BaseOffset > Math.Max(producers.NextOffset, flushed))
            {
                CutAt(index, reader.Position, producers.NextOffset, flushed, "the segment ends before the next one begins");
            }

            Finish(segment, isLast: index == _segments.Count - 1);
        }

        context.Files.SyncDirectory(directory);
        if (bytes > 0)
        {
            LogScanned(context.Logger, directory, bytes, producers.NextOffset);
        }

        return producers;
    }

    /// <summary>Takes in batch after batch. Above <paramref name="strictFrom"/> offsets have no gaps, since nothing there was compacted yet.</summary>
    private string? Walk(LogSegment segment, BatchReader reader, ProducerStates producers, long strictFrom)
    {
        while (reader.Read())
        {
            RecordBatchHeader header = reader.Header;
            if (header.BaseOffset != producers.NextOffset && producers.NextOffset >= strictFrom)
            {
                return $"a record batch begins with offset {header.BaseOffset}, and {producers.NextOffset} is due";
            }

            segment.Note(header, reader.Position, indexIntervalBytes);
            if (producers.Add(reader.Batch, context.Now) is { } aborted)
            {
                segment.Aborts.Add(aborted);
            }
        }

        return null;
    }

    private void CutAt(int index, int position, long offset, long flushed, string reason)
    {
        LogSegment segment = _segments[index];
        if (offset < flushed)
        {
            throw new LogCorruptException(
                segment.LogPath, position, $"{reason}. Offset {offset} is due there, and everything below {flushed} had been flushed: this is damage, not a torn write");
        }

        LogSegment[] later = [.. _segments.Skip(index + 1)];
        LogTornTail(
            context.Logger, segment.LogPath, position, offset, reason, segment.FileLength - position + later.Sum(dropped => dropped.FileLength), later.Length);
        _segments.RemoveRange(index + 1, later.Length);
        foreach (LogSegment dropped in later)
        {
            dropped.Delete();
        }
    }

    /// <summary>What was scanned becomes durable as it is: only then may it be read.</summary>
    private static void Finish(LogSegment segment, bool isLast)
    {
        segment.CutTo(segment.Size);
        if (isLast)
        {
            segment.Sync(withIndexes: false);
        }
        else
        {
            segment.SaveFiles();
            segment.Sync(withIndexes: true);
            segment.Seal();
        }
    }

    /// <summary>Space that was allocated ahead of writes which never came.</summary>
    private static bool IsZeroFrom(LogSegment segment, int position)
    {
        Span<byte> bytes = stackalloc byte[4096];
        int read;
        for (long at = position; (read = segment.LogFile.Read(bytes, at)) > 0; at += read)
        {
            if (bytes[..read].IndexOfAnyExcept((byte)0) >= 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The producers' states at an offset: from the newest snapshot at or below it, and the batches in between.</summary>
    private ProducerStates ProducersAt(long offset)
    {
        ProducerStates? producers = null;
        foreach (long snapshot in SegmentFiles.OffsetsOf(context.Files, directory, SegmentFiles.Producers).Where(snapshot => snapshot <= offset).Reverse())
        {
            producers = ProducerSnapshot.TryRead(context.Files, directory, snapshot, context.Now);
            if (producers is not null)
            {
                break;
            }
        }

        producers ??= new ProducerStates { NextOffset = Math.Min(offset, _segments[0].BaseOffset) };
        foreach (LogSegment segment in _segments)
        {
            using var reader = new BatchReader(segment.LogFile, 0, (int)segment.FileLength, segment.BaseOffset);
            while (producers.NextOffset < offset && segment.BaseOffset < offset && reader.Read())
            {
                if (reader.Header.BaseOffset >= producers.NextOffset)
                {
                    _ = producers.Add(reader.Batch, context.Now);
                }
            }
        }

        producers.NextOffset = offset;
        return producers;
    }

    /// <summary>A segment's first offset needs its snapshot, and the end of the log; all others are past or were cut.</summary>
    private void DeleteOldSnapshots(long endOffset)
    {
        foreach (long snapshot in SegmentFiles.OffsetsOf(context.Files, directory, SegmentFiles.Producers))
        {
            if (snapshot != endOffset && _segments.TrueForAll(segment => segment.BaseOffset != snapshot))
            {
                ProducerSnapshot.Delete(context.Files, directory, snapshot);
            }
        }
    }
}
