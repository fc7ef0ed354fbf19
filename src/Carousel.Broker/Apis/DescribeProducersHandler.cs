using Carousel.Broker.Partitions;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>DescribeProducers: who wrote to a partition lately, and whose transactions are open there.</summary>
/// <param name="producersOf">The producers of a partition; null where there is none.</param>
internal sealed class DescribeProducersHandler(Func<TopicPartition, IReadOnlyList<ProducerDescription>?> producersOf)
    : ApiHandler<DescribeProducersRequest, DescribeProducersResponse>
{
    protected override ValueTask<DescribeProducersResponse?> HandleAsync(DescribeProducersRequest request, RequestContext context) =>
        new(new DescribeProducersResponse
        {
            Topics =
            [
                .. request.Topics.Select(topic => new DescribeProducersResponse.TopicResponse
                {
                    Name = topic.Name,
                    Partitions = [.. topic.PartitionIndexes.Select(number => Describe(new TopicPartition(topic.Name, number)))],
                }),
            ],
        });

    private DescribeProducersResponse.PartitionResponse Describe(TopicPartition partition) =>
        producersOf(partition) is { } producers
            ? new DescribeProducersResponse.PartitionResponse
            {
                PartitionIndex = partition.Partition,
                ActiveProducers =
                [
                    .. producers.Select(producer => new DescribeProducersResponse.ProducerState
                    {
                        ProducerId = producer.ProducerId,
                        ProducerEpoch = producer.ProducerEpoch,
                        LastSequence = producer.LastSequence,
                        LastTimestamp = producer.LastTimestamp,
                        CoordinatorEpoch = producer.CoordinatorEpoch,
                        CurrentTxnStartOffset = producer.CurrentTransactionStartOffset,
                    }),
                ],
            }
            : new DescribeProducersResponse.PartitionResponse { PartitionIndex = partition.Partition, ErrorCode = ErrorCode.UnknownTopicOrPartition };
}
