using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Engine;

internal sealed partial class Assignment
{
    [LoggerMessage(1120, LogLevel.Information, "Stage {Stage} was given {Count} partitions: {Partitions}")]
    private static partial void LogAssigned(ILogger logger, string stage, int count, string partitions);

    [LoggerMessage(1121, LogLevel.Information, "Stage {Stage} gives back {Count} partitions; all in flight was committed: {Drained}")]
    private static partial void LogRevoked(ILogger logger, string stage, int count, bool drained);

    [LoggerMessage(1122, LogLevel.Warning, "Stage {Stage} lost {Count} partitions to another instance; their results are dropped")]
    private static partial void LogLost(ILogger logger, string stage, int count);
}
