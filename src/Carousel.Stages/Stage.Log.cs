using Microsoft.Extensions.Logging;

namespace Carousel.Stages;

public sealed partial class Stage
{
    [LoggerMessage(1000, LogLevel.Information, "Stage {Stage} starts in group {Group}, slot {Slot}, reading {Topics}")]
    private static partial void LogStarted(ILogger logger, string stage, string group, string slot, string topics);

    [LoggerMessage(1001, LogLevel.Information, "Stage {Stage} finished what was in flight: {Drained}; {Left} fetched records are left to the next instance")]
    private static partial void LogDrained(ILogger logger, string stage, bool drained, long left);

    [LoggerMessage(1002, LogLevel.Information, "Stage {Stage} stopped")]
    private static partial void LogStopped(ILogger logger, string stage);

    [LoggerMessage(1003, LogLevel.Warning, "Stage {Stage} waits: {Dependency} is away ({Detail}), {Failures} times in a row")]
    private static partial void LogCircuitOpened(ILogger logger, string stage, string dependency, string detail, int failures);

    [LoggerMessage(1004, LogLevel.Information, "Stage {Stage} goes on: {Dependency} is back")]
    private static partial void LogCircuitClosed(ILogger logger, string stage, string dependency);

    [LoggerMessage(1005, LogLevel.Warning, "Stage {Stage} couldn't leave its group; the group gives its partitions away once the session times out")]
    private static partial void LogLeaveFailed(ILogger logger, Exception exception, string stage);
}
