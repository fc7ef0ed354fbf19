using Carousel.Stages.Log;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Engine;

/// <summary>Waits for a log that is away: results stay in memory, the window fills, and intake stops by itself.</summary>
internal static partial class LogRetry
{
    /// <summary>Tries until it succeeds, ever more rarely, or the failure is fatal.</summary>
    public static async Task<T> RunAsync<T>(StageContext context, Func<Task<T>> call, Action<LogException> onFailure, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (LogException e) when (!e.IsFatal)
            {
                LogWaitingForLog(context.Logger, e, context.Options.Name, attempt);
                onFailure(e);
            }

            await Task.Delay(context.Options.Retry.Delay(attempt, context.Random), context.Time, cancellationToken);
        }
    }

    [LoggerMessage(1104, LogLevel.Warning, "Stage {Stage} can't reach the log (attempt {Attempt}); trying again")]
    private static partial void LogWaitingForLog(ILogger logger, Exception exception, string stage, int attempt);
}
