using Carousel.Orders;
using Microsoft.Extensions.Logging;

namespace Carousel.Validation.Reservations;

public sealed partial class ValidationHandler
{
    [LoggerMessage(4010, LogLevel.Debug, "Validated a batch of {Records} records, {Orders} of them orders")]
    private static partial void LogBatch(ILogger logger, int records, int orders);

    [LoggerMessage(4011, LogLevel.Warning, "Order id {OrderId} of {First} came again with another order in {Second}; the first stands")]
    private static partial void LogConflict(ILogger logger, OrderId orderId, RecordPosition first, RecordPosition second);
}
