using System.Net;
using Microsoft.Extensions.Logging;

namespace Carousel.PaymentSimulator.Faults;

internal sealed partial class RefusingListener
{
    [LoggerMessage(7010, LogLevel.Information, "Outage: {EndPoint} refuses connections for {Duration}.")]
    private partial void LogRefusing(EndPoint endPoint, TimeSpan duration);

    [LoggerMessage(7011, LogLevel.Information, "Outage over: {EndPoint} accepts connections again.")]
    private partial void LogListening(EndPoint endPoint);

    [LoggerMessage(7012, LogLevel.Warning, "{EndPoint} can't be opened again yet: another process may hold the port. Trying on.")]
    private partial void LogRebindFailed(EndPoint endPoint, Exception exception);
}
