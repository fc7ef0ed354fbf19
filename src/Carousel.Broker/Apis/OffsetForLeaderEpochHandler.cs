using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Tells where a leader epoch ended, by which consumers see whether their position was truncated away (KIP-320).</summary>
internal sealed class OffsetForLeaderEpochHandler(TopicCatalog topics) : ApiHandler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>
{
    protected override ValueTask<OffsetForLeaderEpochResponse?> HandleAsync(OffsetForLeaderEpochRequest request, RequestContext context) =>
        ValueTask.FromResult<OffsetForLeaderEpochResponse?>(new OffsetForLeaderEpochResponse
        {
            Topics =
            [
                .. request.Topics.Select(topic => new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult
                {
                    Topic = topic.Topic,
                    Partitions = [.. topic.Partitions.Select(partition => Answer(topics.Find(topic.Topic), partition))],
                }),
            ],
        });

    private static OffsetForLeaderEpochResponse.EpochEndOffset Answer(Topic? topic, OffsetForLeaderEpochRequest.OffsetForLeaderPartition asked)
    {
        var answer = new OffsetForLeaderEpochResponse.EpochEndOffset { Partition = asked.Partition };
        if (topic?.Find(asked.Partition) is not { } partition)
        {
            answer.ErrorCode = ErrorCode.UnknownTopicOrPartition;
            return answer;
        }

        answer.ErrorCode = partition.Fault is null ? TopicLookups.CheckLeaderEpoch(asked.CurrentLeaderEpoch) : ErrorCode.KafkaStorageError;
        if (answer.ErrorCode == ErrorCode.None)
        {
            EpochEndOffset end = partition.EndOffsetOf(asked.LeaderEpoch);
            (answer.LeaderEpoch, answer.EndOffset) = (end.LeaderEpoch, end.EndOffset);
        }

        return answer;
    }
}
