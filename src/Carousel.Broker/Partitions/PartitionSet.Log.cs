using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Partitions;

internal sealed partial class PartitionSet
{
    [LoggerMessage(3400, LogLevel.Information, "Opened {Count} partitions in {Directory}, {Bytes} bytes, in {Milliseconds} ms; the last stop was clean: {IsClean}")]
    private static partial void LogOpened(ILogger logger, int count, string directory, long bytes, long milliseconds, bool isClean);

    [LoggerMessage(3401, LogLevel.Information, "Closed {Count} partitions; the next start needs no scan: {IsClean}")]
    private static partial void LogClosed(ILogger logger, int count, bool isClean);

    [LoggerMessage(3402, LogLevel.Error, "Partition {Partition} couldn't be closed cleanly: {Reason}")]
    private static partial void LogCloseFailed(ILogger logger, TopicPartition partition, string reason);

    [LoggerMessage(3403, LogLevel.Critical, "The disk failed to flush; what was written since the last flush can't be trusted, so the broker must stop")]
    private static partial void LogFlushFailed(ILogger logger, Exception exception);
}
