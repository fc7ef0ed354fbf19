using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Partitions;

internal sealed partial class Partition
{
    [LoggerMessage(3100, LogLevel.Error, "Partition {Partition} is out of service: {Fault}. The other partitions serve; repair or remove its files and start again")]
    private static partial void LogFault(ILogger logger, TopicPartition partition, PartitionFault fault);

    [LoggerMessage(3101, LogLevel.Error, "Partition {Partition} couldn't take a batch of {Bytes} bytes at offset {Offset}: {Reason}")]
    private static partial void LogAppendFailed(ILogger logger, TopicPartition partition, int bytes, long offset, string reason);
}
