namespace Carousel.Gateway.Status;

internal sealed partial class StatusLookup
{
    [LoggerMessage(2011, LogLevel.Warning, "The order status store can't be asked; orders are accepted without it ({Suppressed} more like this since the last line)")]
    private partial void LogUnavailable(Exception exception, int suppressed);
}
