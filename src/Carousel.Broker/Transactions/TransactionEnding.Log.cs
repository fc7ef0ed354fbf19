using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Transactions;

internal sealed partial class TransactionEnding
{
    [LoggerMessage(6301, LogLevel.Information, "The transaction of {Producer} isn't ended in {Partition}: that partition was deleted")]
    private partial void LogPartitionGone(TopicPartition partition, ProducerIdAndEpoch producer);

    [LoggerMessage(6302, LogLevel.Warning, "The transaction of {Producer} isn't ended in {Partition}: a later epoch has written there")]
    private partial void LogPartitionAhead(TopicPartition partition, ProducerIdAndEpoch producer);

    [LoggerMessage(6303, LogLevel.Warning, "The transaction of {Producer} can't be ended in {Partition} yet: {Error}")]
    private partial void LogMarkerFailed(TopicPartition partition, ProducerIdAndEpoch producer, ErrorCode error);

    [LoggerMessage(6304, LogLevel.Warning, "The transaction of {TransactionalId} ({Producer}) is decided, not ended everywhere; trying again every second")]
    private partial void LogNotEnded(string transactionalId, ProducerIdAndEpoch producer);

    [LoggerMessage(6305, LogLevel.Warning, "The end of {TransactionalId}'s transaction ({Producer}) can't be written down yet: {Error}; trying again every second")]
    private partial void LogNotCompleted(string transactionalId, ProducerIdAndEpoch producer, ErrorCode error);
}
