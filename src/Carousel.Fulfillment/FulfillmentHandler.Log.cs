using Carousel.Orders;
using Microsoft.Extensions.Logging;

namespace Carousel.Fulfillment;

public sealed partial class FulfillmentHandler
{
    [LoggerMessage(5001, LogLevel.Trace, "Order {OrderId} is charged as {PaymentId}")]
    private static partial void LogFulfilled(ILogger logger, OrderId orderId, string paymentId);

    [LoggerMessage(5002, LogLevel.Warning, "The payment provider refused the request for order {OrderId}: {Reason}")]
    private static partial void LogRefused(ILogger logger, OrderId orderId, string reason);

    [LoggerMessage(5003, LogLevel.Error, "Gave up charging order {OrderId}; a person has to decide: {Reason}")]
    private static partial void LogGivenUp(ILogger logger, OrderId orderId, string reason);
}
