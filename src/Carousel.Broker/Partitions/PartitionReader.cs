using Carousel.Broker.Log;
using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Partitions;

/// <summary>Reads a partition as consumers do, without its lock: what was published by the watermarks doesn't change any more.</summary>
internal sealed partial class PartitionReader(TopicPartition name, PartitionLog log, Watermarks watermarks, ILogger logger)
{
    private long _corruptReadOffset = -1;

    /// <inheritdoc cref="Partition.Read"/>
    public ReadResult Read(long fetchOffset, int bytesMax, bool readCommitted, bool minOneBatch)
    {
        (long stable, long high, long start) = (watermarks.Stable, watermarks.High, log.StartOffset);
        if (fetchOffset < start || fetchOffset > log.EndOffset)
        {
            return ReadResult.Nothing(fetchOffset, ErrorCode.OffsetOutOfRange);
        }

        long upperBound = readCommitted ? stable : high;
        try
        {
            LogRead read = fetchOffset < upperBound ? log.Read(fetchOffset, upperBound, bytesMax, minOneBatch) : default;
            long next = read.Buffer is null ? fetchOffset : read.NextOffset;
            IReadOnlyList<AbortedTransaction> aborted = readCommitted && read.Buffer is not null ? log.FindAborted(fetchOffset, next) : [];
            return new(ErrorCode.None, read.Buffer, next, high, stable, start, aborted);
        }
        catch (LogCorruptException e)
        {
            return ReadResult.Nothing(fetchOffset, SayCorrupt(fetchOffset, e));
        }
        catch (IOException e)
        {
            LogReadFailed(logger, name, fetchOffset, e.Message);
            return ReadResult.Nothing(fetchOffset, ErrorCode.KafkaStorageError);
        }
    }

    /// <inheritdoc cref="Partition.FindOffset"/>
    public TimestampOffset FindOffset(long timestamp, bool readCommitted)
    {
        long upperBound = readCommitted ? watermarks.Stable : watermarks.High;
        try
        {
            return timestamp switch
            {
                Partition.LatestTimestamp => new(-1, upperBound),
                Partition.EarliestTimestamp => new(-1, log.StartOffset),
                _ => log.FindByTime(timestamp == Partition.MaxTimestamp ? null : timestamp, log.StartOffset) is var found && found.Offset < upperBound
                    ? found
                    : TimestampOffset.None,
            };
        }
        catch (LogCorruptException e)
        {
            return TimestampOffset.None with { Error = SayCorrupt(log.StartOffset, e) };
        }
        catch (IOException e)
        {
            LogReadFailed(logger, name, log.StartOffset, e.Message);
            return TimestampOffset.None with { Error = ErrorCode.KafkaStorageError };
        }
    }

    /// <summary>Once per place: clients try again and again.</summary>
    private ErrorCode SayCorrupt(long offset, LogCorruptException exception)
    {
        if (Interlocked.Exchange(ref _corruptReadOffset, offset) != offset)
        {
            LogCorruptRead(logger, name, offset, exception.Message);
        }

        return ErrorCode.CorruptMessage;
    }
}
