using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>librdkafka's own words, at the level they deserve here: it repeats itself while a broker is away, and the engine reports what matters.</summary>
internal static partial class KafkaClientLog
{
    public static void Write(ILogger logger, LogMessage message) => LogMessage(logger, message.Facility, message.Message);

    public static void Write(ILogger logger, Error error) => LogError(logger, error.Code, error.Reason);

    [LoggerMessage(1160, LogLevel.Debug, "{Facility}: {Message}")]
    private static partial void LogMessage(ILogger logger, string facility, string message);

    [LoggerMessage(1161, LogLevel.Debug, "{Code}: {Reason}")]
    private static partial void LogError(ILogger logger, ErrorCode code, string reason);

    [LoggerMessage(1162, LogLevel.Warning, "{What}: the Kafka client didn't return within {Seconds} s; it is abandoned, and another takes its place")]
    public static partial void Stuck(ILogger logger, string what, double seconds);

    [LoggerMessage(1163, LogLevel.Information, "The consumer {Name} was expelled from its group, or no longer answers; a new one takes its place")]
    public static partial void Replaced(ILogger logger, string name);
}
