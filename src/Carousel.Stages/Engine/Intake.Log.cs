using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Engine;

internal sealed partial class Intake
{
    [LoggerMessage(1140, LogLevel.Debug, "Stage {Stage} pauses fetching: its window holds {Records} records, {Bytes} bytes")]
    private static partial void LogPaused(ILogger logger, string stage, long records, long bytes);

    [LoggerMessage(1141, LogLevel.Warning, "Stage {Stage} can't read from the log; trying again")]
    private static partial void LogPollFailed(ILogger logger, Exception exception, string stage);
}
