using Carousel.Broker.Partitions;
using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// The files of one partition: segments, their indexes, and the producers' states at its end. Whoever changes it holds the partition's lock; reading takes none.
/// Invariant: segments ascend without overlap, and only the last one is written.
/// </summary>
internal sealed class PartitionLog : IDisposable
{
    private readonly LogContext _context;
    private readonly FlushState _flushed;
    private volatile LogSegment[] _segments;
    private long _startOffset;
    private long _endOffset;

    /// <param name="segments">All of them on disk.</param>
    public PartitionLog(LogContext context, string directory, IEnumerable<LogSegment> segments, ProducerStates producers, long startOffset)
    {
        (_context, Directory, _segments, Producers) = (context, directory, [.. segments], producers);
        _endOffset = producers.NextOffset;
        _startOffset = startOffset;
        _flushed = new FlushState(context, directory, new(_endOffset, Active.BaseOffset));
    }

    public string Directory { get; }

    public ProducerStates Producers { get; }

    public long StartOffset => Volatile.Read(ref _startOffset);

    public long EndOffset => Volatile.Read(ref _endOffset);

    /// <summary>Everything below is on disk.</summary>
    public long FlushedOffset => _flushed.Flushed.EndOffset;

    /// <summary>Segments that end at or below are on disk with all their files: only those may be compacted or removed.</summary>
    public long SealedFlushedOffset => _flushed.Flushed.SealedOffset;

    public bool HasUnflushedSegments => _flushed.HasSealedSegments;

    /// <summary>A snapshot, oldest first; acquire a segment before reading it.</summary>
    public ReadOnlySpan<LogSegment> Segments => _segments;

    public LogSegment Active => _segments[^1];

    public long SizeBytes => _segments.Sum(segment => (long)segment.Size);

    /// <summary>Writes a batch that has its place. Needs the lock.</summary>
    /// <exception cref="IOException">The disk refused; nothing has changed.</exception>
    public void Append(ReadOnlySpan<byte> batch, LogSettings settings, long now)
    {
        var header = new RecordBatchHeader(batch);
        if (MustRoll(header, settings))
        {
            Roll();
        }

        LogSegment active = Active;
        active.Append(batch, settings.IndexIntervalBytes, isPreallocated: _context.FlushMode == FlushMode.Fsync);
        if (Producers.Add(batch, now) is { } aborted)
        {
            active.Indexes.Aborts.Add(aborted);
        }

        Volatile.Write(ref _endOffset, header.NextOffset);
    }

    /// <summary>Ends the last segment and begins a new one. Needs the lock.</summary>
    public void Roll()
    {
        LogSegment active = Active;
        var next = new LogSegment(_context.Files, Directory, _endOffset);
        try
        {
            active.SaveFiles();
            ProducerSnapshot.Write(_context.Files, Directory, Producers);
        }
        catch (IOException)
        {
            next.Delete();
            throw;
        }

        active.Indexes.Seal();
        _flushed.AddSealed(active, _endOffset);
        _segments = [.. _segments, next];
    }

    /// <summary>What isn't on disk yet; null for nothing. Needs the lock; <see cref="LogFlush.Execute"/> doesn't.</summary>
    public LogFlush? BeginFlush() => _flushed.Begin(Active, _endOffset);

    /// <summary>A flush has succeeded. Needs the lock.</summary>
    public void NoteFlushed(LogFlush flush) => _flushed.Note(flush);

    /// <summary>Makes what was noted last durable, see <see cref="FlushedOffsetFile"/>.</summary>
    public void SyncFlushedOffset() => _flushed.SyncFlushedOffset();

    /// <summary>
    /// Reads whole batches from the one that holds the offset, or the first after it, up to the upper bound, which must have been published: at most the
    /// end offset.
    /// </summary>
    /// <exception cref="LogCorruptException">The bytes there aren't what was written.</exception>
    public LogRead Read(long offset, long upperBound, int bytesMax, bool minOneBatch)
    {
        LogSegment[] segments = _segments;
        for (int index = FloorIndex(segments, offset); index < segments.Length && segments[index].BaseOffset < upperBound; index++)
        {
            LogSegment segment = segments[index];
            if (!segment.TryAcquire())
            {
                // Compaction or retention took it away since.
                return _segments == segments ? default : Read(offset, upperBound, bytesMax, minOneBatch);
            }

            try
            {
                if (segment.TryLocate(offset, out BatchPlace place))
                {
                    ThrowIfBeyondEnd(segment, place);
                    return place.BaseOffset < upperBound ? SegmentRead.Read(segment, place, upperBound, bytesMax, minOneBatch) : default;
                }
            }
            finally
            {
                segment.Release();
            }
        }

        return new(null, upperBound);
    }

    /// <summary>The aborted transactions that concern a range of offsets.</summary>
    public IReadOnlyList<AbortedTransaction> FindAborted(long offset, long upperBound)
    {
        List<AbortedTransaction>? found = null;
        LogSegment[] segments = _segments;
        for (int index = FloorIndex(segments, offset); index < segments.Length; index++)
        {
            TransactionIndex aborts = segments[index].Indexes.Aborts;
            if (!aborts.Entries.IsEmpty && aborts.Collect(offset, upperBound, found ??= []))
            {
                break;
            }
        }

        return found ?? (IReadOnlyList<AbortedTransaction>)[];
    }

    /// <summary>The first record at or above an offset that isn't older than a time in milliseconds; null: the youngest record of all.</summary>
    public TimestampOffset FindByTime(long? timestamp, long offsetMin)
    {
        while (true)
        {
            LogSegment[] segments = _segments;
            TimestampOffset found = timestamp is { } time ? TimeSearch.FindFirst(segments, time, offsetMin) : TimeSearch.FindYoungest(segments, offsetMin);
            if (_segments == segments)
            {
                return found;
            }
        }
    }

    /// <summary>Moves the start up; false if it's there or beyond already. Needs the lock.</summary>
    public bool AdvanceStart(long offset)
    {
        bool isAhead = offset > _startOffset;
        if (isAhead)
        {
            Volatile.Write(ref _startOffset, offset);
        }

        return isAhead;
    }

    /// <summary>Puts segments in the place of others; the caller removes those. Needs the lock.</summary>
    public void Replace(IReadOnlyCollection<LogSegment> old, IReadOnlyCollection<LogSegment> replacements)
    {
        LogSegment[] segments = [.. _segments.Except(old).Concat(replacements).OrderBy(segment => segment.BaseOffset)];
        _flushed.MarkDirectoryDirty();
        _segments = segments;
    }

    /// <summary>Takes the first segments out; the caller removes them. The start moves up with it. Needs the lock.</summary>
    public LogSegment[] TakeFirst(int count)
    {
        LogSegment[] segments = _segments;
        AdvanceStart(segments[count].BaseOffset);
        _segments = segments[count..];
        return segments[..count];
    }

    /// <summary>Writes everything that a start without a scan needs, flushes it and closes the files. Needs the lock.</summary>
    public void CloseCleanly()
    {
        Active.SaveFiles();
        ProducerSnapshot.Write(_context.Files, Directory, Producers);
        _flushed.AddSealed(Active, _endOffset);
        using (LogFlush flush = BeginFlush()!)
        {
            flush.Execute();
            NoteFlushed(flush);
        }

        SyncFlushedOffset();
        Dispose();
    }

    public void Dispose()
    {
        foreach (LogSegment segment in _segments)
        {
            segment.Release();
        }

        _flushed.Dispose();
    }

    /// <summary>The last segment that begins at or before an offset; the first one if none does.</summary>
    public static int FloorIndex(ReadOnlySpan<LogSegment> segments, long offset)
    {
        int low = 0;
        int high = segments.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            if (segments[middle].BaseOffset <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>A batch's first offset isn't covered by its checksum; where it can't be, a reader would otherwise wait for ever.</summary>
    private void ThrowIfBeyondEnd(LogSegment segment, BatchPlace place)
    {
        if (place.BaseOffset >= EndOffset)
        {
            throw new LogCorruptException(segment.LogPath, place.Position, $"a record batch begins with offset {place.BaseOffset}, and the log ends at {EndOffset}");
        }
    }

    private bool MustRoll(RecordBatchHeader header, LogSettings settings)
    {
        LogSegment active = Active;
        if (active.Size == 0)
        {
            return false;
        }

        bool isFull = active.Size + header.SizeInBytes > settings.SegmentBytes;
        TimeSpan age = settings.IsCompacted && settings.MaxCompactionLag < settings.SegmentAge ? settings.MaxCompactionLag.Value : settings.SegmentAge;
        bool isOld = active.FirstTimestamp >= 0 && header.MaxTimestamp - active.FirstTimestamp > age.TotalMilliseconds;
        bool isIndexFull = active.Indexes.SizeInBytes + TimeIndex.EntrySize > settings.SegmentIndexBytes;
        return isFull || isOld || isIndexFull || header.LastOffset - active.BaseOffset > int.MaxValue;
    }
}
