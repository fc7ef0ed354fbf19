using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>AddPartitionsToTxn: all partitions, or none of them if one doesn't exist.</summary>
/// <param name="exists">Whether there is such a partition.</param>
internal sealed class AddPartitionsToTxnHandler(TransactionCoordinator transactions, Func<TopicPartition, bool> exists)
    : ApiHandler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>
{
    protected override async ValueTask<AddPartitionsToTxnResponse?> HandleAsync(AddPartitionsToTxnRequest request, RequestContext context)
    {
        TopicPartition[] partitions =
            [.. request.V3AndBelowTopics.SelectMany(topic => topic.Partitions.Select(number => new TopicPartition(topic.Name, number)))];
        if (partitions.All(exists))
        {
            var producer = new ProducerIdAndEpoch(request.V3AndBelowProducerId, request.V3AndBelowProducerEpoch);
            ErrorCode error = await transactions.AddPartitionsAsync(request.V3AndBelowTransactionalId, producer, partitions);
            ErrorCode translated = TransactionErrors.ForAddPartitions(error, context.ApiVersion);
            return Answer(request, _ => translated);
        }

        return Answer(request, partition => exists(partition) ? ErrorCode.OperationNotAttempted : ErrorCode.UnknownTopicOrPartition);
    }

    private static AddPartitionsToTxnResponse Answer(AddPartitionsToTxnRequest request, Func<TopicPartition, ErrorCode> errorOf) => new()
    {
        ResultsByTopicV3AndBelow =
        [
            .. request.V3AndBelowTopics.Select(topic => new AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult
            {
                Name = topic.Name,
                ResultsByPartition =
                [
                    .. topic.Partitions.Select(number => new AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult
                    {
                        PartitionIndex = number,
                        PartitionErrorCode = (short)errorOf(new TopicPartition(topic.Name, number)),
                    }),
                ],
            }),
        ],
    };
}
