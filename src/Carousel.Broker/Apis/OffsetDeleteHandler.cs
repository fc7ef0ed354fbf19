using Carousel.Broker.Groups;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>OffsetDelete (KIP-496).</summary>
internal sealed class OffsetDeleteHandler(GroupCoordinator groups, ITopicDirectory topics) : ApiHandler<OffsetDeleteRequest, OffsetDeleteResponse>
{
    protected override async ValueTask<OffsetDeleteResponse?> HandleAsync(OffsetDeleteRequest request, RequestContext context)
    {
        TopicPartition[] partitions =
        [
            .. request.Topics.SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Name, partition.PartitionIndex))).Where(Exists).Distinct(),
        ];
        (ErrorCode error, IReadOnlyList<ErrorCode> errors) = await groups.DeleteOffsetsAsync(request.GroupId, partitions);
        if (error != ErrorCode.None)
        {
            return new OffsetDeleteResponse { ErrorCode = error };
        }

        Dictionary<TopicPartition, ErrorCode> errorOf = partitions.Zip(errors).ToDictionary(pair => pair.First, pair => pair.Second);
        return new OffsetDeleteResponse
        {
            Topics =
            [
                .. request.Topics.Select(topic => new OffsetDeleteResponse.OffsetDeleteResponseTopic
                {
                    Name = topic.Name,
                    Partitions =
                    [
                        .. topic.Partitions.Select(partition => new OffsetDeleteResponse.OffsetDeleteResponsePartition
                        {
                            PartitionIndex = partition.PartitionIndex,
                            ErrorCode = errorOf.GetValueOrDefault(new TopicPartition(topic.Name, partition.PartitionIndex), ErrorCode.UnknownTopicOrPartition),
                        }),
                    ],
                }),
            ],
        };
    }

    private bool Exists(TopicPartition partition) => topics.Find(partition.Topic)?.HasPartition(partition.Partition) ?? false;
}
