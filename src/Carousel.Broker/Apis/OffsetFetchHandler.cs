using Carousel.Broker.Groups;
using Carousel.Wire;
using AnsweredPartition = Carousel.Wire.OffsetFetchResponse.OffsetFetchResponsePartitions;
using AnsweredTopic = Carousel.Wire.OffsetFetchResponse.OffsetFetchResponseTopics;

namespace Carousel.Broker.Apis;

/// <summary>OffsetFetch: of one group up to version 7, of any number since. Version 10 names topics by id.</summary>
internal sealed class OffsetFetchHandler(GroupCoordinator groups, ITopicDirectory topics) : ApiHandler<OffsetFetchRequest, OffsetFetchResponse>
{
    private const short HasGroupErrorFrom = 2;
    private const short HasManyGroupsFrom = 8;
    private const short HasTopicIdsFrom = 10;

    protected override async ValueTask<OffsetFetchResponse?> HandleAsync(OffsetFetchRequest request, RequestContext context)
    {
        if (context.ApiVersion < HasManyGroupsFrom)
        {
            return await HandleOneAsync(request, context.ApiVersion);
        }

        var answers = new List<OffsetFetchResponse.OffsetFetchResponseGroup>(request.Groups.Length);
        foreach (OffsetFetchRequest.OffsetFetchRequestGroup group in request.Groups)
        {
            bool hasTopicIds = context.ApiVersion >= HasTopicIdsFrom;
            WantedTopic[]? wanted = group.Topics is null ? null
                : [.. group.Topics.Select(topic => new WantedTopic(hasTopicIds ? topics.Find(topic.TopicId)?.Name : topic.Name, topic.TopicId, topic.PartitionIndexes))];
            (ErrorCode error, AnsweredTopic[] answered) = await FetchAsync(group.GroupId, wanted, request.RequireStable, hasTopicIds);
            answers.Add(new() { GroupId = group.GroupId, ErrorCode = error, Topics = error == ErrorCode.None ? answered : [] });
        }

        return new OffsetFetchResponse { Groups = [.. answers] };
    }

    private async ValueTask<OffsetFetchResponse> HandleOneAsync(OffsetFetchRequest request, short version)
    {
        WantedTopic[]? wanted = request.Topics is null ? null
            : [.. request.Topics.Select(topic => new WantedTopic(topic.Name, TopicId: default, topic.PartitionIndexes))];
        (ErrorCode error, AnsweredTopic[] answered) = await FetchAsync(request.GroupId, wanted, request.RequireStable, hasTopicIds: false);
        return new OffsetFetchResponse
        {
            ErrorCode = error,
            Topics = error != ErrorCode.None && version >= HasGroupErrorFrom ? [] :
            [
                .. answered.Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopic
                {
                    Name = topic.Name,
                    Partitions =
                    [
                        .. topic.Partitions.Select(partition => new OffsetFetchResponse.OffsetFetchResponsePartition
                        {
                            PartitionIndex = partition.PartitionIndex,
                            CommittedOffset = partition.CommittedOffset,
                            CommittedLeaderEpoch = partition.CommittedLeaderEpoch,
                            Metadata = partition.Metadata,
                            ErrorCode = version < HasGroupErrorFrom && partition.ErrorCode == ErrorCode.None ? error : partition.ErrorCode,
                        }),
                    ],
                }),
            ],
        };
    }

    /// <param name="wanted">Null for everything the group has committed.</param>
    private async ValueTask<(ErrorCode Error, AnsweredTopic[] Topics)> FetchAsync(string groupId, WantedTopic[]? wanted, bool requireStable, bool hasTopicIds)
    {
        OffsetToFetch[]? offsets = wanted is null ? null
            : [.. wanted.Where(topic => topic.Name is not null).SelectMany(topic => topic.Partitions, (topic, number) => new OffsetToFetch(new(topic.Name!, number), topic.TopicId))];
        (ErrorCode error, IReadOnlyList<FetchedOffset> fetched) = await groups.FetchAsync(groupId, offsets, requireStable);
        if (wanted is null)
        {
            return (error, [.. fetched.GroupBy(offset => offset.Partition.Topic).Select(topic => AnswerAll(topic.Key, [.. topic], hasTopicIds)).OfType<AnsweredTopic>()]);
        }

        int next = 0;
        return (error, [.. wanted.Select(topic => new AnsweredTopic
        {
            Name = topic.Name ?? "",
            TopicId = topic.TopicId,
            Partitions = [.. topic.Partitions.Select(number => topic.Name is null ? Unknown(number) : Answer(fetched[next++]))],
        })]);
    }

    /// <summary>Null where an id must be told and there is none: the topic is gone.</summary>
    private AnsweredTopic? AnswerAll(string name, FetchedOffset[] offsets, bool hasTopicIds)
    {
        Guid id = offsets[0].TopicId == default ? topics.Find(name)?.Id ?? default : offsets[0].TopicId;
        return hasTopicIds && id == default ? null : new AnsweredTopic { Name = name, TopicId = id, Partitions = [.. offsets.Select(Answer)] };
    }

    private static AnsweredPartition Answer(FetchedOffset offset) => new()
    {
        PartitionIndex = offset.Partition.Partition,
        CommittedOffset = offset.Committed?.Offset ?? -1,
        CommittedLeaderEpoch = offset.Committed?.LeaderEpoch ?? -1,
        Metadata = offset.Committed?.Metadata ?? "",
        ErrorCode = offset.Error,
    };

    private static AnsweredPartition Unknown(int partition) =>
        new() { PartitionIndex = partition, CommittedOffset = -1, ErrorCode = ErrorCode.UnknownTopicId };

    /// <param name="Name">Null for an id that no topic has.</param>
    private sealed record WantedTopic(string? Name, Guid TopicId, int[] Partitions);
}
