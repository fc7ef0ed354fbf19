using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>There is nothing to elect: the one node leads everything.</summary>
internal sealed class ElectLeadersHandler(TopicCatalog topics) : ApiHandler<ElectLeadersRequest, ElectLeadersResponse>
{
    protected override ValueTask<ElectLeadersResponse?> HandleAsync(ElectLeadersRequest request, RequestContext context) =>
        ValueTask.FromResult<ElectLeadersResponse?>(new ElectLeadersResponse
        {
            // Who asks for all partitions is told of those that needed an election.
            ReplicaElectionResults =
            [
                .. (request.TopicPartitions ?? []).Select(topic => new ElectLeadersResponse.ReplicaElectionResult
                {
                    Topic = topic.Topic,
                    PartitionResult = [.. topic.Partitions.Select(number => Answer(new TopicPartition(topic.Topic, number)))],
                }),
            ],
        });

    private ElectLeadersResponse.PartitionResult Answer(TopicPartition name)
    {
        (ErrorCode error, string? reason) = topics.Find(name.Topic) is null
            ? (ErrorCode.UnknownTopicOrPartition, $"No such topic as {name.Topic}")
            : topics.FindPartition(name) is null
                ? (ErrorCode.UnknownTopicOrPartition, $"No such partition as {name}")
                : (ErrorCode.ElectionNotNeeded, null);
        return new() { PartitionId = name.Partition, ErrorCode = error, ErrorMessage = reason };
    }
}
