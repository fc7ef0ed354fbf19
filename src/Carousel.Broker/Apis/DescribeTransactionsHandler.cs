using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>DescribeTransactions: the state of transactional ids.</summary>
internal sealed class DescribeTransactionsHandler(TransactionCoordinator transactions)
    : ApiHandler<DescribeTransactionsRequest, DescribeTransactionsResponse>
{
    protected override ValueTask<DescribeTransactionsResponse?> HandleAsync(DescribeTransactionsRequest request, RequestContext context) =>
        new(new DescribeTransactionsResponse { TransactionStates = [.. request.TransactionalIds.Select(Describe)] });

    private DescribeTransactionsResponse.TransactionStateValue Describe(string transactionalId)
    {
        ErrorCode error = transactions.Describe(transactionalId, out TransactionMetadata? metadata);
        return metadata is null
            ? new DescribeTransactionsResponse.TransactionStateValue { ErrorCode = error, TransactionalId = transactionalId }
            : new DescribeTransactionsResponse.TransactionStateValue
            {
                TransactionalId = transactionalId,
                TransactionState = metadata.State.ToString(),
                TransactionTimeoutMs = metadata.TimeoutMs,
                TransactionStartTimeMs = metadata.StartTimestamp,
                ProducerId = metadata.ProducerId,
                ProducerEpoch = metadata.ProducerEpoch,
                Topics =
                [
                    .. metadata.Partitions
                        .GroupBy(partition => partition.Topic, StringComparer.Ordinal)
                        .OrderBy(topic => topic.Key, StringComparer.Ordinal)
                        .Select(topic => new DescribeTransactionsResponse.TopicData
                        {
                            Topic = topic.Key,
                            Partitions = [.. topic.Select(partition => partition.Partition).Order()],
                        }),
                ],
            };
    }
}
