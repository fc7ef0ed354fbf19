using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Hosting;

public sealed partial class Broker
{
    [LoggerMessage(8001, LogLevel.Information, "Listening on {Address} with the data in {Directory}; acks=all means: {FlushMode}. {Topics} topics, ready after {Duration}.")]
    private static partial void LogOpened(ILogger logger, string address, string directory, BrokerFlushMode flushMode, int topics, TimeSpan duration);

    [LoggerMessage(8002, LogLevel.Critical, "The broker can't go on.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
