using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Transactions;

internal sealed partial class TransactionRecovery
{
    [LoggerMessage(6311, LogLevel.Error, "Partition {Partition} of __transaction_state can't be read; the transactional ids in it can't be used")]
    private partial void LogUnreadable(int partition, Exception reason);

    [LoggerMessage(6312, LogLevel.Information, "{TransactionalId}'s transaction ({Producer}) was decided before the stop: {State} carried out, {Error}")]
    private partial void LogFinished(string transactionalId, ProducerIdAndEpoch producer, TransactionState state, Wire.ErrorCode error);

    [LoggerMessage(6313, LogLevel.Warning, "{TransactionalId}'s transaction ({Producer}) goes on with {Count} partitions found open, whose record was lost")]
    private partial void LogAdopted(string transactionalId, ProducerIdAndEpoch producer, int count);

    [LoggerMessage(6314, LogLevel.Warning, "{Partition} has a transaction open that no transactional id knows ({Producer}): aborting it")]
    private partial void LogStray(TopicPartition partition, ProducerIdAndEpoch producer);
}
