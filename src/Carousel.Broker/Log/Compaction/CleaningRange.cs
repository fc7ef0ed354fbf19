using Carousel.Broker.Partitions;

namespace Carousel.Broker.Log;

/// <summary>What of a partition compaction could work on now.</summary>
/// <param name="FirstDirty">Everything below was compacted.</param>
/// <param name="UpperBound">Everything from here on must stay: it is undecided, too young, not flushed or in the segment that is written.</param>
/// <param name="OldestDirty">Time of the first record that wasn't compacted, in milliseconds; -1 where unknown.</param>
internal readonly record struct CleaningRange(long FirstDirty, long UpperBound, long CleanBytes, long DirtyBytes, long OldestDirty)
{
    public double DirtyRatio => DirtyBytes == 0 ? 0 : (double)DirtyBytes / (CleanBytes + DirtyBytes);

    public bool IsDue(LogSettings settings, long now)
    {
        bool isTooOld = settings.MaxCompactionLag is { } lag && OldestDirty >= 0 && now - OldestDirty > lag.TotalMilliseconds;
        return DirtyBytes > 0 && (isTooOld || DirtyRatio > settings.MinCleanableDirtyRatio);
    }

    public static CleaningRange Of(Partition partition, long cleaned, long now)
    {
        PartitionLog log = partition.Log!;
        ReadOnlySpan<LogSegment> segments = log.Segments;
        double lag = partition.Settings.MinCompactionLag.TotalMilliseconds;
        long firstDirty = Math.Max(cleaned, segments[0].BaseOffset);
        long upperBound = segments[0].BaseOffset;
        (long cleanBytes, long dirtyBytes, long oldest) = (0, 0, -1);
        for (int index = 0; index < segments.Length - 1; index++)
        {
            LogSegment segment = segments[index];
            long end = segments[index + 1].BaseOffset;
            if (end > Math.Min(partition.LastStableOffset, log.SealedFlushedOffset) || (lag > 0 && now - segment.MaxTimestamp < lag))
            {
                break;
            }

            bool isDirty = end > firstDirty;
            oldest = isDirty && oldest < 0 ? segment.FirstTimestamp : oldest;
            dirtyBytes += isDirty ? segment.Size : 0;
            cleanBytes += isDirty ? 0 : segment.Size;
            upperBound = end;
        }

        return new(firstDirty, upperBound, cleanBytes, dirtyBytes, oldest);
    }
}
