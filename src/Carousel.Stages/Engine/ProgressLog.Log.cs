using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Engine;

internal sealed partial class ProgressLog
{
    [LoggerMessage(1180, LogLevel.Debug, "Stage {Stage} ignores the done-set of {Partition}: it was written for offset {Base}, and committed is {Committed}")]
    private static partial void LogStale(ILogger logger, string stage, string partition, long @base, long? committed);

    [LoggerMessage(1181, LogLevel.Warning, "Stage {Stage} ignores the done-set of {Partition}: it reaches up to {End}, and the partition ends at {LogEnd}; was the topic made anew?")]
    private static partial void LogBeyondTheEnd(ILogger logger, string stage, string partition, long end, long logEnd);
}
