using Confluent.Kafka;

namespace Carousel.Gateway.OrderLog;

internal sealed partial class KafkaOrderLog
{
    [LoggerMessage(2021, LogLevel.Warning, "An order wasn't written to {Topic} and was answered 503: {Code}, {Reason} ({Suppressed} more since the last line)")]
    private partial void LogNotWritten(string topic, ErrorCode code, string reason, int suppressed);

    [LoggerMessage(2022, LogLevel.Error, "The Kafka producer failed for good and will be replaced: {Code}, {Reason}")]
    private partial void LogFailedForGood(ErrorCode code, string reason);

    [LoggerMessage(2023, LogLevel.Warning, "Trouble with Kafka: {Code}, {Reason} ({Suppressed} more since the last line)")]
    private partial void LogTrouble(ErrorCode code, string reason, int suppressed);

    [LoggerMessage(2024, LogLevel.Debug, "librdkafka {Facility}: {Text}")]
    private partial void LogClient(string facility, string text);

    [LoggerMessage(2025, LogLevel.Warning, "Topic {Topic} isn't there; create the topics with: carousel topics")]
    private partial void LogTopicMissing(string topic);

    [LoggerMessage(2026, LogLevel.Debug, "Kafka wasn't reached: {Code}, {Reason}")]
    private partial void LogProbeFailed(ErrorCode code, string reason);
}
