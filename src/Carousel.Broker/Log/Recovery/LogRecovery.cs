using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// Opens the files of a partition. After a clean stop they are taken as they are. After a crash everything from the segment of the recovery point on is
/// walked: indexes and producer states are made anew, and what a write left torn at the end is cut. Below the recovery point nothing is ever cut: what is
/// wrong there was promised to somebody, so it throws and the partition stays out of service.
/// </summary>
internal sealed partial class LogRecovery
{
    private readonly LogContext _context;
    private readonly string _directory;
    private readonly int _indexIntervalBytes;
    private readonly List<LogSegment> _segments = [];
    private readonly ProducerRecovery _producers;

    public LogRecovery(LogContext context, string directory, int indexIntervalBytes)
    {
        (_context, _directory, _indexIntervalBytes) = (context, directory, indexIntervalBytes);
        _producers = new ProducerRecovery(context, directory, _segments);
    }

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
        SegmentLeftovers.Settle(_context.Files, _directory);
        foreach (long offset in SegmentFiles.OffsetsOf(_context.Files, _directory, SegmentFiles.Log))
        {
            _segments.Add(new LogSegment(_context.Files, _directory, offset));
        }

        if (_segments.Count == 0)
        {
            _segments.Add(new LogSegment(_context.Files, _directory, hints.StartOffset));
            _context.Files.SyncDirectory(_directory);
        }

        FlushedOffsets noted = FlushedOffsetFile.Read(_context.Files, _directory);
        long flushed = Math.Max(hints.RecoveryPoint, noted.EndOffset);
        int scanned = hints.IsClean ? _segments.Count : PartitionLog.FloorIndex(_segments.ToArray(), noted.SealedOffset);
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

        _producers.DeleteOldSnapshots(producers.NextOffset);
        long start = Math.Max(hints.StartOffset, _segments[0].BaseOffset);
        return new PartitionLog(_context, _directory, _segments, producers, Math.Min(start, producers.NextOffset));
    }

    private ProducerStates OpenClean()
    {
        LogSegment last = _segments[^1];
        last.Indexes.Unseal();
        long endOffset = last.BaseOffset;
        Span<byte> buffer = stackalloc byte[BatchWalk.BufferSize];
        OffsetIndex offsets = last.Indexes.Offsets;
        int from = offsets.Count == 0 ? 0 : offsets.EntryAt(offsets.Count - 1).Position;
        var walk = new BatchWalk(last.LogFile, from, last.Size, buffer);
        while (walk.Read())
        {
            endOffset = walk.Current.LastOffset + 1;
        }

        return _producers.At(endOffset);
    }

    /// <summary>Takes an ended segment by its files; where those can't be used, its batches are walked.</summary>
    private void UseSealed(LogSegment segment)
    {
        if (segment.TryUseFiles())
        {
            return;
        }

        LogIndexRebuilt(_context.Logger, segment.LogPath);
        ProducerStates producers = _producers.At(segment.BaseOffset);
        segment.Reset();
        using var reader = new BatchReader(segment.LogFile, 0, (int)segment.FileLength, segment.BaseOffset);
        Walk(segment, reader, producers, strictFrom: long.MaxValue);
        if (reader.Problem is not null)
        {
            throw new LogCorruptException(segment.LogPath, reader.Position, reader.Problem);
        }

        segment.SaveFiles();
        segment.Sync(withIndexes: true);
        segment.Indexes.Seal();
    }

    /// <summary>Walks the segments from this one on, until the end or the first batch that isn't sound.</summary>
    private ProducerStates Scan(int first, long flushed)
    {
        ProducerStates producers = _producers.At(_segments[first].BaseOffset);
        long bytes = 0;
        for (int index = first; index < _segments.Count; index++)
        {
            LogSegment segment = _segments[index];
            segment.Reset();
            producers.NextOffset = Math.Max(segment.BaseOffset, producers.NextOffset);
            using var reader = new BatchReader(segment.LogFile, 0, (int)segment.FileLength, producers.NextOffset);
            string? problem = Walk(segment, reader, producers, strictFrom: flushed) ?? reader.Problem;
            bytes += segment.Size;
            bool hasZeroTail = problem is not null && IsZeroFrom(segment, reader.Position);
            long due = index == _segments.Count - 1 ? producers.NextOffset : _segments[index + 1].BaseOffset;
            if (problem is not null && !hasZeroTail)
            {
                CutAt(index, reader.Position, producers.NextOffset, flushed, problem);
            }
            else if (due > producers.NextOffset && (hasZeroTail || due > flushed))
            {
                // Only compaction leaves a gap, and never behind zeros or above what was flushed.
                CutAt(index, reader.Position, producers.NextOffset, flushed, "the segment ends before the next one begins");
            }

            Finish(segment, isLast: index == _segments.Count - 1);
        }

        _context.Files.SyncDirectory(_directory);
        if (bytes > 0)
        {
            LogScanned(_context.Logger, _directory, bytes, producers.NextOffset);
        }

        return producers;
    }

    /// <summary>
    /// Takes in batch after batch. Above <paramref name="strictFrom"/> offsets have no gaps, since nothing there was compacted yet; and none leads over it:
    /// a base offset isn't covered by the checksum, and one that was changed mustn't pass for the end of what was flushed.
    /// </summary>
    private string? Walk(LogSegment segment, BatchReader reader, ProducerStates producers, long strictFrom)
    {
        while (reader.Read())
        {
            RecordBatchHeader header = reader.Header;
            if (header.BaseOffset > Math.Max(producers.NextOffset, strictFrom))
            {
                return $"a record batch begins with offset {header.BaseOffset}, and {producers.NextOffset} is due";
            }

            segment.Note(header, reader.Position, _indexIntervalBytes);
            if (producers.Add(reader.Batch, _context.Now) is { } aborted)
            {
                segment.Indexes.Aborts.Add(aborted);
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
            _context.Logger, segment.LogPath, position, offset, reason, segment.FileLength - position + later.Sum(dropped => dropped.FileLength), later.Length);
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
            segment.Indexes.Seal();
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
}
