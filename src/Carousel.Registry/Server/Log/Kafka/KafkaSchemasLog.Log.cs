using Microsoft.Extensions.Logging;

namespace Carousel.Registry.Server.Log.Kafka;

internal sealed partial class KafkaSchemasLog
{
    [LoggerMessage(EventId = 3030, Level = LogLevel.Warning, Message = "Waiting for Kafka at {BootstrapServers}: {Reason}")]
    private partial void LogWaitingForKafka(Exception exception, string bootstrapServers, string reason);

    [LoggerMessage(EventId = 3031, Level = LogLevel.Information, Message = "Read topic {Topic} up to offset {End}")]
    private partial void LogCaughtUp(string topic, long end);
}
