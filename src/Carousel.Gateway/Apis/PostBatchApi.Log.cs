namespace Carousel.Gateway.Apis;

internal sealed partial class PostBatchApi
{
    [LoggerMessage(2031, LogLevel.Error, "Line {Line} of a batch failed")]
    private partial void LogFailed(Exception exception, long line);

    [LoggerMessage(2032, LogLevel.Warning, "The body of a batch broke off (status {Status}); the orders before that were answered")]
    private partial void LogBroken(int status);
}
