using Carousel.Broker.Groups;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>OffsetCommit: answered when the offsets are durable. Version 10 names topics by id.</summary>
internal sealed class OffsetCommitHandler(GroupCoordinator groups, ITopicDirectory topics) : ApiHandler<OffsetCommitRequest, OffsetCommitResponse>
{
    private const long NoRetention = -1;
    private const short KnowsGroupIdNotFoundFrom = 9;
    private const short HasTopicIdsFrom = 10;

    /// <summary>The offsets are in the log before the first wait: commits of one connection stay in order.</summary>
    public override bool IsPipelined => true;

    protected override async ValueTask<OffsetCommitResponse?> HandleAsync(OffsetCommitRequest request, RequestContext context)
    {
        bool hasTopicIds = context.ApiVersion >= HasTopicIdsFrom;
        List<OffsetToCommit> offsets = [];
        List<(OffsetCommitResponse.OffsetCommitResponsePartition Answer, int Index)> open = [];
        OffsetCommitResponse.OffsetCommitResponseTopic[] answers =
        [
            .. request.Topics.Select(topic => new OffsetCommitResponse.OffsetCommitResponseTopic
            {
                Name = topic.Name,
                TopicId = topic.TopicId,
                Partitions = Sort(topic, hasTopicIds ? topics.Find(topic.TopicId) : topics.Find(topic.Name), hasTopicIds, offsets, open),
            }),
        ];
        if (offsets.Count > 0)
        {
            var caller = new GroupCaller(request.GroupId, request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch);
            IReadOnlyList<ErrorCode> errors = await groups.CommitAsync(new OffsetCommit(caller, offsets)
            {
                RetentionMs = request.RetentionTimeMs == NoRetention ? null : request.RetentionTimeMs,
                KnowsGroupIdNotFound = context.ApiVersion >= KnowsGroupIdNotFoundFrom,
            });
            open.ForEach(partition => partition.Answer.ErrorCode = errors[partition.Index]);
        }

        return new OffsetCommitResponse { Topics = answers };
    }

    /// <summary>Answers for what can't be committed, and keeps what can: with the answer that is still open.</summary>
    private static OffsetCommitResponse.OffsetCommitResponsePartition[] Sort(
        OffsetCommitRequest.OffsetCommitRequestTopic topic,
        KnownTopic? known,
        bool hasTopicIds,
        List<OffsetToCommit> offsets,
        List<(OffsetCommitResponse.OffsetCommitResponsePartition Answer, int Index)> open)
    {
        var answers = new List<OffsetCommitResponse.OffsetCommitResponsePartition>(topic.Partitions.Length);
        foreach (OffsetCommitRequest.OffsetCommitRequestPartition partition in topic.Partitions)
        {
            var answer = new OffsetCommitResponse.OffsetCommitResponsePartition { PartitionIndex = partition.PartitionIndex };
            answers.Add(answer);
            if (known?.HasPartition(partition.PartitionIndex) ?? false)
            {
                open.Add((answer, offsets.Count));
                offsets.Add(new(
                    new TopicPartition(known.Name, partition.PartitionIndex),
                    topic.TopicId,
                    partition.CommittedOffset,
                    partition.CommittedLeaderEpoch,
                    partition.CommittedMetadata ?? ""));
            }
            else
            {
                answer.ErrorCode = known is null && hasTopicIds ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
            }
        }

        return [.. answers];
    }
}
