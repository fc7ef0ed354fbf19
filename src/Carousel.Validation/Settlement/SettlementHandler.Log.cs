using Carousel.Orders;
using Carousel.Validation.Reservations;
using Microsoft.Extensions.Logging;

namespace Carousel.Validation.Settlement;

public sealed partial class SettlementHandler
{
    [LoggerMessage(4020, LogLevel.Debug, "Settled a batch of {Ends} ended orders")]
    private static partial void LogBatch(ILogger logger, int ends);

    [LoggerMessage(4021, LogLevel.Warning, "The record {Position} can't be read and ends no order: {Problem}")]
    private static partial void LogUndecodable(ILogger logger, RecordPosition position, string problem);

    [LoggerMessage(4022, LogLevel.Warning, "Order {OrderId} ended in {Position}, but validation has no reservation of it; `carousel audit` reports it")]
    private static partial void LogUnknownOrder(ILogger logger, OrderId orderId, RecordPosition position);

    [LoggerMessage(4023, LogLevel.Warning, "Order {OrderId} can't become {State} by {Position}, because it ended otherwise before; `carousel audit` reports it")]
    private static partial void LogImpossible(ILogger logger, OrderId orderId, ReservationState state, RecordPosition position);

    [LoggerMessage(4024, LogLevel.Warning, "{Count} further records of this batch end orders that validation doesn't know, or knows to have ended otherwise")]
    private static partial void LogMore(ILogger logger, int count);
}
