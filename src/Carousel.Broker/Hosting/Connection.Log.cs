using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Hosting;

internal sealed partial class Connection
{
    [LoggerMessage(8101, LogLevel.Error, "A request failed in a way that it never should; its connection is closed.")]
    private static partial void LogFailure(ILogger logger, Exception exception);
}
