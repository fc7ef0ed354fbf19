using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Engine;

internal sealed partial class Transactor
{
    [LoggerMessage(1100, LogLevel.Debug, "Stage {Stage} committed {Records} records in {Milliseconds:F1} ms, of which the end took {EndMilliseconds:F1} ms")]
    private static partial void LogCommitted(ILogger logger, string stage, int records, double milliseconds, double endMilliseconds);

    [LoggerMessage(1101, LogLevel.Warning, "Stage {Stage} doesn't know whether a transaction of {Records} records was committed; asking the log")]
    private static partial void LogInDoubt(ILogger logger, Exception exception, string stage, int records);

    [LoggerMessage(1102, LogLevel.Information, "Stage {Stage} settled a transaction in doubt: {Committed} records were committed, {Uncommitted} go again")]
    private static partial void LogSettled(ILogger logger, string stage, int committed, int uncommitted);

    [LoggerMessage(1103, LogLevel.Information, "Stage {Stage} waited {Milliseconds:F0} ms for the end of a transaction; the next one starts on a fresh producer")]
    private static partial void LogSlowCommit(ILogger logger, string stage, double milliseconds);
}
