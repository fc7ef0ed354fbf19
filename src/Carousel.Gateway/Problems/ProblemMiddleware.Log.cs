namespace Carousel.Gateway.Problems;

internal sealed partial class ProblemMiddleware
{
    [LoggerMessage(2001, LogLevel.Debug, "The caller went away during {Method} {Endpoint}")]
    private partial void LogAborted(string method, string? endpoint);

    [LoggerMessage(2002, LogLevel.Error, "{Method} {Endpoint} failed")]
    private partial void LogFailed(Exception exception, string method, string? endpoint);
}
