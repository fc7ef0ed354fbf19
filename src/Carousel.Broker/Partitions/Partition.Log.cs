using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Partitions;

internal sealed partial class Partition
{
    [LoggerMessage(3100, LogLevel.Error, "Partition {Partition} is out of service: {Fault}. The other partitions serve; repair or remove its files and start again")]
    private static partial void LogFault(ILogger logger, TopicPartition partition, PartitionFault fault);
}
