using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Partitions;

internal sealed partial class PartitionReader
{
    [LoggerMessage(3102, LogLevel.Error, "Partition {Partition}: a reader at offset {Offset} met bytes that aren't what was written: {Problem}")]
    private static partial void LogCorruptRead(ILogger logger, TopicPartition partition, long offset, string problem);

    [LoggerMessage(3103, LogLevel.Error, "Partition {Partition} couldn't be read at offset {Offset}: {Reason}")]
    private static partial void LogReadFailed(ILogger logger, TopicPartition partition, long offset, string reason);
}
