using Carousel.Broker.Partitions;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Log;

/// <summary>
/// Compacts the partitions that are due, the dirtiest first. How far each was compacted is kept in <c>cleaner-offset-checkpoint</c>; losing that only costs a
/// round more. Used by one loop.
/// </summary>
internal sealed partial class LogCleaner(LogContext context, OffsetCheckpoint checkpoint, int keysMax)
{
    private readonly Dictionary<TopicPartition, long> _cleaned = checkpoint.Read();
    private readonly HashSet<Partition> _uncleanable = [];

    /// <summary>One round of the dirtiest partition. False if none is due.</summary>
    public bool CleanDirtiest(IEnumerable<Partition> partitions, CancellationToken cancellationToken)
    {
        List<(Partition Partition, CleaningRange Range)> due =
        [
            .. partitions.Where(partition => partition.Settings.IsCompacted && !partition.IsEnded && !_uncleanable.Contains(partition))
                .Select(partition => (partition, Range: RangeOf(partition)))
                .Where(candidate => candidate.Range.IsDue(candidate.partition.Settings, context.Now)),
        ];
        if (due.Count == 0)
        {
            return false;
        }

        Clean(due.MaxBy(candidate => candidate.Range.DirtyRatio).Partition, cancellationToken);
        return true;
    }

    /// <summary>Forgets a partition that was removed: another may come under its name.</summary>
    public void Forget(Partition partition)
    {
        lock (_cleaned)
        {
            _cleaned.Remove(partition.Name);
        }
    }

    private void Clean(Partition partition, CancellationToken cancellationToken)
    {
        try
        {
            lock (partition.Maintenance)
            {
                // Again, because retention may have come in between.
                CleaningRange range = RangeOf(partition);
                if (partition.IsEnded || range.DirtyBytes == 0)
                {
                    return;
                }

                long before = partition.SizeBytes;
                long end = new Compaction(context, partition, partition.Log!, cancellationToken).Run(range.FirstDirty, range.UpperBound, keysMax);
                LogCleaned(context.Logger, partition.Name, range.FirstDirty, end, before, partition.SizeBytes);
                Note(partition, end);
            }
        }
        catch (OperationCanceledException) when (partition.IsEnded && !cancellationToken.IsCancellationRequested)
        {
            // It was deleted under the work; there is nothing left to clean.
        }
        catch (Exception e) when (e is UncleanableException or LogCorruptException or IOException)
        {
            _uncleanable.Add(partition);
            LogUncleanable(context.Logger, partition.Name, e.Message);
        }
    }

    private void Note(Partition partition, long end)
    {
        KeyValuePair<TopicPartition, long>[] cleaned;
        lock (_cleaned)
        {
            _cleaned[partition.Name] = end;
            cleaned = [.. _cleaned];
        }

        checkpoint.Write(cleaned);
    }

    private CleaningRange RangeOf(Partition partition)
    {
        long cleaned;
        lock (_cleaned)
        {
            cleaned = _cleaned.GetValueOrDefault(partition.Name);
        }

        return CleaningRange.Of(partition, cleaned, context.Now);
    }

    [LoggerMessage(3300, LogLevel.Information, "Partition {Partition}: compacted from offset {From} to {To}, {Before} bytes before and {After} after")]
    private static partial void LogCleaned(ILogger logger, TopicPartition partition, long from, long to, long before, long after);

    [LoggerMessage(3301, LogLevel.Error, "Partition {Partition} can't be compacted and is left as it is until the next start: {Reason}")]
    private static partial void LogUncleanable(ILogger logger, TopicPartition partition, string reason);
}
