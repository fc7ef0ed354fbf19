using Carousel.Broker.Partitions;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Log;

/// <summary>Removes whole segments whose records are too old, too many, or below the log's start; and forgets producers that were idle too long.</summary>
internal sealed partial class Retention(LogContext context, TimeSpan producerExpiry)
{
    public void Apply(Partition partition)
    {
        lock (partition.Maintenance)
        {
            LogSegment[] removed = [];
            _ = partition.TryMaintain(log =>
            {
                log.Producers.RemoveExpired(context.Now, producerExpiry);
                RollIfAllExpired(partition, log);
                int count = CountRemovable(log, partition.Settings);
                removed = count > 0 ? log.TakeFirst(count) : [];
            });
            foreach (LogSegment segment in removed)
            {
                LogRemoved(context.Logger, partition.Name, segment.BaseOffset, segment.Size);
                ProducerSnapshot.Delete(context.Files, partition.Log!.Directory, segment.BaseOffset);
                segment.Delete();
            }
        }
    }

    /// <summary>The segment that is written never goes; if it's too old as well, it ends here and goes once it's flushed.</summary>
    private void RollIfAllExpired(Partition partition, PartitionLog log)
    {
        LogSegment active = log.Active;
        if (active.Size == 0 || !IsExpired(active, partition.Settings))
        {
            return;
        }

        try
        {
            log.Roll();
        }
        catch (IOException e)
        {
            // On a full disk there may be no room for the new files; the older segments can go all the same.
            LogRollFailed(context.Logger, partition.Name, e.Message);
        }
    }

    private int CountRemovable(PartitionLog log, LogSettings settings)
    {
        ReadOnlySpan<LogSegment> segments = log.Segments;
        bool isDelete = (settings.CleanupPolicy & CleanupPolicies.Delete) != 0;
        long excess = isDelete && settings.RetentionBytes is { } bytes ? log.SizeBytes - bytes : 0;
        int count = 0;
        while (count < segments.Length - 1)
        {
            long end = segments[count + 1].BaseOffset;
            bool isBelowStart = end <= log.StartOffset;
            bool isExcess = excess > 0 && excess >= segments[count].Size;
            if (end > log.SealedFlushedOffset || !(isBelowStart || isExcess || (isDelete && IsExpired(segments[count], settings))))
            {
                break;
            }

            excess -= segments[count].Size;
            count++;
        }

        return count;
    }

    private bool IsExpired(LogSegment segment, LogSettings settings) =>
        (settings.CleanupPolicy & CleanupPolicies.Delete) != 0
        && settings.RetentionAge is { } age
        && segment.MaxTimestamp >= 0
        && context.Now - segment.MaxTimestamp > age.TotalMilliseconds;

    [LoggerMessage(3200, LogLevel.Information, "Partition {Partition}: the segment at offset {Offset}, {Bytes} bytes, is past its retention and goes")]
    private static partial void LogRemoved(ILogger logger, TopicPartition partition, long offset, int bytes);

    [LoggerMessage(3201, LogLevel.Warning, "Partition {Partition}: a segment past its retention can't end: {Reason}")]
    private static partial void LogRollFailed(ILogger logger, TopicPartition partition, string reason);
}
