using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Moves the first offset of partitions up; durable when the answer comes (Kafka's ReplicaManager.deleteRecords).</summary>
internal sealed class DeleteRecordsHandler(TopicCatalog topics, PartitionSet partitions) : ApiHandler<DeleteRecordsRequest, DeleteRecordsResponse>
{
    /// <summary>Everything that can be read.</summary>
    private const long UpToHighWatermark = -1;
    private const long InvalidLowWatermark = -1;

    protected override async ValueTask<DeleteRecordsResponse?> HandleAsync(DeleteRecordsRequest request, RequestContext context)
    {
        var response = new DeleteRecordsResponse
        {
            Topics =
            [
                .. request.Topics.Select(topic => new DeleteRecordsResponse.DeleteRecordsTopicResult
                {
                    Name = topic.Name,
                    Partitions = [.. topic.Partitions.Select(partition => Delete(topic.Name, partition))],
                }),
            ],
        };
        if (response.Topics.Any(topic => topic.Partitions.Any(partition => partition.ErrorCode == ErrorCode.None)))
        {
            await partitions.CheckpointAsync(CancellationToken.None);
        }

        return response;
    }

    private DeleteRecordsResponse.DeleteRecordsPartitionResult Delete(string name, DeleteRecordsRequest.DeleteRecordsPartition asked)
    {
        var result = new DeleteRecordsResponse.DeleteRecordsPartitionResult { PartitionIndex = asked.PartitionIndex, LowWatermark = InvalidLowWatermark };
        if (TopicName.IsInternal(name))
        {
            result.ErrorCode = ErrorCode.InvalidTopic;
        }
        else if (topics.FindPartition(new TopicPartition(name, asked.PartitionIndex)) is not { } partition)
        {
            result.ErrorCode = ErrorCode.UnknownTopicOrPartition;
        }
        else if (partition.Settings.CleanupPolicy == CleanupPolicies.Compact)
        {
            result.ErrorCode = ErrorCode.PolicyViolation;
        }
        else if (asked.Offset < UpToHighWatermark)
        {
            result.ErrorCode = ErrorCode.OffsetOutOfRange;
        }
        else
        {
            result.ErrorCode = partition.DeleteRecords(asked.Offset);
            result.LowWatermark = result.ErrorCode == ErrorCode.None ? partition.LogStartOffset : InvalidLowWatermark;
        }

        return result;
    }
}
