namespace Carousel.Broker.Log;

/// <summary>What of a partition's files is on disk and what isn't yet. Needs the partition's lock, but for <see cref="SyncFlushedOffset"/>.</summary>
internal sealed class FlushState : IDisposable
{
    private readonly LogContext _context;
    private readonly string _directory;
    private readonly FlushedOffsetFile _file;
    private readonly List<LogSegment> _sealed = [];
    private readonly List<long> _snapshots = [];
    private bool _isDirectoryDirty;

    public FlushState(LogContext context, string directory, FlushedOffsets flushed)
    {
        (_context, _directory, Flushed) = (context, directory, flushed);
        _file = new FlushedOffsetFile(context.Files, directory);
        _file.Write(flushed);
    }

    public FlushedOffsets Flushed { get; private set; }

    public bool HasSealedSegments => _sealed.Count > 0;

    /// <summary>A segment has ended, with its indexes and a snapshot, and others have new names beside it.</summary>
    public void AddSealed(LogSegment segment, long snapshot)
    {
        _sealed.Add(segment);
        _snapshots.Add(snapshot);
        _isDirectoryDirty = true;
    }

    public void MarkDirectoryDirty() => _isDirectoryDirty = true;

    /// <summary>What isn't on disk yet; null for nothing.</summary>
    public LogFlush? Begin(LogSegment active, long endOffset)
    {
        if (endOffset == Flushed.EndOffset && _sealed.Count == 0 && !_isDirectoryDirty)
        {
            return null;
        }

        // None of these can be gone: only what was flushed is ever removed.
        LogSegment[] held = [.. _sealed];
        foreach (LogSegment segment in held.Append(active))
        {
            if (!segment.TryAcquire())
            {
                throw new InvalidOperationException($"{segment.LogPath} was removed before it was flushed.");
            }
        }

        var flush = new LogFlush(_context, _directory, endOffset, held, active, [.. _snapshots], _isDirectoryDirty);
        _sealed.Clear();
        _snapshots.Clear();
        _isDirectoryDirty = false;
        return flush;
    }

    /// <summary>A flush has succeeded: recovery may count on it from now on.</summary>
    public void Note(LogFlush flush)
    {
        Flushed = new(Math.Max(Flushed.EndOffset, flush.EndOffset), Math.Max(Flushed.SealedOffset, flush.SealedOffset));
        _file.Write(Flushed);
    }

    /// <summary>Makes the noted offset durable as well.</summary>
    public void SyncFlushedOffset() => _file.Sync();

    public void Dispose() => _file.Dispose();
}
