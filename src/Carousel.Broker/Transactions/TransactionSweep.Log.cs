using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Transactions;

internal sealed partial class TransactionSweep
{
    [LoggerMessage(6321, LogLevel.Warning, "{TransactionalId}'s transaction ({Producer}) took longer than {TimeoutMs} ms, and is aborted: {Error}")]
    private partial void LogTimedOut(string transactionalId, ProducerIdAndEpoch producer, int timeoutMs, ErrorCode error);

    [LoggerMessage(6322, LogLevel.Information, "Transactional id {TransactionalId} expired: nobody used it")]
    private partial void LogExpired(string transactionalId);
}
