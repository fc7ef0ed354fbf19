namespace Carousel.Broker.Log;

/// <summary>Makes the producers' states of a partition from its snapshots and batches.</summary>
/// <param name="segments">The partition's segments, oldest first; the list may still change.</param>
internal sealed class ProducerRecovery(LogContext context, string directory, List<LogSegment> segments)
{
    /// <summary>The producers' states at an offset: from the newest snapshot at or below it, and the batches in between.</summary>
    public ProducerStates At(long offset)
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

        producers ??= new ProducerStates { NextOffset = Math.Min(offset, segments[0].BaseOffset) };
        foreach (LogSegment segment in segments)
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
    public void DeleteOldSnapshots(long endOffset)
    {
        foreach (long snapshot in SegmentFiles.OffsetsOf(context.Files, directory, SegmentFiles.Producers))
        {
            if (snapshot != endOffset && segments.TrueForAll(segment => segment.BaseOffset != snapshot))
            {
                ProducerSnapshot.Delete(context.Files, directory, snapshot);
            }
        }
    }
}
