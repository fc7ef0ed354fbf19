using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Finds offsets: the first, the end, the one with the largest timestamp, or the first at or after a time.</summary>
internal sealed class ListOffsetsHandler(TopicCatalog topics) : ApiHandler<ListOffsetsRequest, ListOffsetsResponse>
{
    /// <summary>The first offset that isn't in tiered storage alone: there is none, so the log start (KIP-405).</summary>
    private const long EarliestLocalTimestamp = -4;

    /// <summary>The last offset in tiered storage, and the first that waits to go there: without it there is neither (KIP-1005, KIP-1023).</summary>
    private const long LatestTieredTimestamp = -5;
    private const long EarliestPendingUploadTimestamp = -6;
    private const sbyte ReadCommitted = 1;

    protected override ValueTask<ListOffsetsResponse?> HandleAsync(ListOffsetsRequest request, RequestContext context)
    {
        var asked = new HashSet<TopicPartition>();
        var twice = new HashSet<TopicPartition>();
        foreach (ListOffsetsRequest.ListOffsetsTopic topic in request.Topics)
        {
            twice.UnionWith(topic.Partitions.Select(partition => new TopicPartition(topic.Name, partition.PartitionIndex)).Where(name => !asked.Add(name)));
        }

        return ValueTask.FromResult<ListOffsetsResponse?>(new ListOffsetsResponse
        {
            Topics =
            [
                .. request.Topics.Select(topic => new ListOffsetsResponse.ListOffsetsTopicResponse
                {
                    Name = topic.Name,
                    Partitions = [.. topic.Partitions.Select(partition => Answer(topic.Name, partition, request, context.ApiVersion, twice))],
                }),
            ],
        });
    }

    private ListOffsetsResponse.ListOffsetsPartitionResponse Answer(
        string topic, ListOffsetsRequest.ListOffsetsPartition asked, ListOffsetsRequest request, short version, HashSet<TopicPartition> twice)
    {
        var answer = new ListOffsetsResponse.ListOffsetsPartitionResponse { PartitionIndex = asked.PartitionIndex };
        if (twice.Contains(new TopicPartition(topic, asked.PartitionIndex)))
        {
            answer.ErrorCode = ErrorCode.InvalidRequest;
        }
        else if (IsTooNew(asked.Timestamp, version))
        {
            answer.ErrorCode = ErrorCode.UnsupportedVersion;
        }
        else if (topics.Find(topic)?.Find(asked.PartitionIndex) is not { } partition)
        {
            answer.ErrorCode = ErrorCode.UnknownTopicOrPartition;
        }
        else if (partition.Fault is not null)
        {
            answer.ErrorCode = ErrorCode.KafkaStorageError;
        }
        else
        {
            answer.ErrorCode = TopicLookups.CheckLeaderEpoch(asked.CurrentLeaderEpoch);
            if (answer.ErrorCode == ErrorCode.None)
            {
                Find(partition, asked.Timestamp, request.IsolationLevel == ReadCommitted, answer);
            }
        }

        return answer;
    }

    private static void Find(Partition partition, long timestamp, bool readCommitted, ListOffsetsResponse.ListOffsetsPartitionResponse answer)
    {
        TimestampOffset found = timestamp switch
        {
            LatestTieredTimestamp or EarliestPendingUploadTimestamp => TimestampOffset.None,
            EarliestLocalTimestamp => partition.FindOffset(Partition.EarliestTimestamp, readCommitted),
            _ => partition.FindOffset(timestamp, readCommitted),
        };
        (answer.ErrorCode, answer.Timestamp, answer.Offset) = (found.Error, found.Timestamp, found.Offset);
        answer.LeaderEpoch = found.Offset >= 0 ? Partition.LeaderEpoch : -1;
    }

    /// <summary>Kafka's KafkaApis.isListOffsetsTimestampUnsupported.</summary>
    private static bool IsTooNew(long timestamp, short version) => timestamp switch
    {
        Partition.MaxTimestamp => version < 7,
        EarliestLocalTimestamp => version < 8,
        LatestTieredTimestamp => version < 9,
        EarliestPendingUploadTimestamp => version < 11,
        _ => false,
    };
}
