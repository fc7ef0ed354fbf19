namespace Carousel.Broker.Log;

/// <summary>What one flush of a partition has to make durable, as it stood when the flush began. The segments are held until <see cref="Dispose"/>.</summary>
/// <param name="endOffset">Everything below is durable once the flush succeeds.</param>
/// <param name="sealedSegments">Segments that ended since the last flush, oldest first.</param>
/// <param name="active">The segment that is written.</param>
/// <param name="snapshots">Offsets of the snapshots that were taken since.</param>
internal sealed class LogFlush(
    LogContext context, string directory, long endOffset, LogSegment[] sealedSegments, LogSegment active, long[] snapshots, bool isDirectoryDirty) : IDisposable
{
    public long EndOffset => endOffset;

    /// <summary>Segments that end at or below have all their files on disk once the flush succeeds.</summary>
    public long SealedOffset => active.BaseOffset;

    /// <summary>Older segments first: no byte is promised before those in front of it.</summary>
    public void Execute()
    {
        foreach (LogSegment segment in sealedSegments)
        {
            segment.Sync(withIndexes: true);
        }

        foreach (long snapshot in snapshots)
        {
            ProducerSnapshot.Sync(context.Files, directory, snapshot);
        }

        active.Sync(withIndexes: false);
        if (isDirectoryDirty)
        {
            context.Files.SyncDirectory(directory);
        }
    }

    public void Dispose()
    {
        foreach (LogSegment segment in sealedSegments)
        {
            segment.Release();
        }

        active.Release();
    }
}
