using Carousel.Broker.StateTopics;
using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Groups;

/// <summary>Takes groups and offsets away: because somebody asks, because their topic is gone, or because nobody has needed them for long.</summary>
internal sealed partial class GroupRemoval(GroupSet groups, GroupLog log, GroupOptions options, TimeProvider time, ILogger<GroupRemoval> logger)
{
    /// <summary>Deletes the group with its offsets, if nobody is in it. Complete when durable.</summary>
    public async ValueTask<ErrorCode> DeleteGroupAsync(string groupId)
    {
        (int logPartition, StateAppend append) = (-1, default(StateAppend));
        using (HeldGroup held = groups.Enter(groupId))
        {
            if (held.Group is not { } group)
            {
                return ErrorCode.GroupIdNotFound;
            }

            if (group.State != GroupState.Empty)
            {
                return ErrorCode.NonEmptyGroup;
            }

            logPartition = group.LogPartition;
            append = log.AppendTombstones(group, group.Offsets.Partitions);
            append = append.Error == ErrorCode.None ? Remove(group) : append;
        }

        return await log.WaitUntilDurableAsync(logPartition, append);
    }

    /// <summary>Deletes committed offsets, except of topics that the group's consumers subscribe to. Complete when durable.</summary>
    /// <returns>The error of the request as a whole, and one for each partition.</returns>
    public async ValueTask<(ErrorCode Error, IReadOnlyList<ErrorCode> Partitions)> DeleteOffsetsAsync(string groupId, IReadOnlyList<TopicPartition> partitions)
    {
        ErrorCode[] errors;
        (int logPartition, StateAppend append) = (-1, default(StateAppend));
        using (HeldGroup held = groups.Enter(groupId))
        {
            if (groupId.Length == 0 || held.Group is not { } group)
            {
                return (groupId.Length == 0 ? ErrorCode.InvalidGroupId : ErrorCode.GroupIdNotFound, []);
            }

            if (group.State != GroupState.Empty && !group.IsConsumerGroup)
            {
                return (ErrorCode.NonEmptyGroup, []);
            }

            errors = [.. partitions.Select(partition => group.IsSubscribedTo(partition.Topic) ? ErrorCode.GroupSubscribedToTopic : ErrorCode.None)];
            logPartition = group.LogPartition;
            append = log.AppendTombstones(
                group,
                partitions.Where((partition, index) => errors[index] == ErrorCode.None && HasOffset(group, partition)).Distinct());
        }

        return (await log.WaitUntilDurableAsync(logPartition, append), errors);
    }

    /// <summary>A topic is gone, and so is what any group has committed for it. Complete when durable.</summary>
    public async ValueTask OnTopicDeletedAsync(string topic)
    {
        foreach (string groupId in groups.Ids())
        {
            (int logPartition, StateAppend append) = (-1, default(StateAppend));
            using (HeldGroup held = groups.Enter(groupId))
            {
                if (held.Group is { } group)
                {
                    logPartition = group.LogPartition;
                    append = log.AppendTombstones(group, group.Offsets.Partitions.Where(partition => partition.Topic == topic));
                }
            }

            if (logPartition >= 0 && await log.WaitUntilDurableAsync(logPartition, append) is var error and not ErrorCode.None)
            {
                NotForgotten(groupId, topic, error);
            }
        }
    }

    /// <summary>Drops offsets that have expired, and groups that have neither members nor offsets.</summary>
    public void RemoveExpired()
    {
        foreach (string groupId in groups.Ids())
        {
            using HeldGroup held = groups.Enter(groupId);
            if (held.Group is { } group && RemoveExpired(group) is var error and not ErrorCode.None)
            {
                NotExpired(groupId, error);
            }
        }
    }

    private ErrorCode RemoveExpired(Group group)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        TopicPartition[] expired = [.. group.Offsets.Committed.Where(committed => HasExpired(group, committed.Key, committed.Value, now)).Select(committed => committed.Key)];
        StateAppend append = log.AppendTombstones(group, expired);
        if (expired.Length > 0 && append.Error == ErrorCode.None)
        {
            Expired(group.Id, expired.Length);
        }

        return append.Error == ErrorCode.None && group is { State: GroupState.Empty, Offsets.IsEmpty: true, Members.Pending.Count: 0 }
            ? Remove(group).Error
            : append.Error;
    }

    /// <summary>
    /// From when an offset counts as unused (KIP-211): a simple consumer's since it was committed; a group's since the last member left, and while consumers
    /// are in it, since it was committed for a topic that none of them subscribes to any more.
    /// </summary>
    private bool HasExpired(Group group, TopicPartition partition, CommittedOffset offset, long now)
    {
        long? unusedSince = group switch
        {
            { ProtocolType: null } => offset.CommitTimestamp,
            { State: GroupState.Empty } => group.StateTimestamp ?? offset.CommitTimestamp,
            { State: GroupState.Stable, IsConsumerGroup: true, SubscribedTopics: not null } => offset.CommitTimestamp,
            _ => null,
        };
        return unusedSince is { } since
            && !group.IsSubscribedTo(partition.Topic)
            && !group.Offsets.HasPending(partition)
            && (offset.ExpireTimestamp is { } expires ? now >= expires : now - since >= options.OffsetsRetention.TotalMilliseconds);
    }

    private StateAppend Remove(Group group)
    {
        StateAppend append = group.HasRecord ? log.AppendTombstone(group) : new StateAppend(ErrorCode.None, -1, group.Offsets.LastRecordOffset);
        if (append.Error == ErrorCode.None)
        {
            Removed(group.Id, group.Generation);
            groups.Remove(group);
        }

        return append;
    }

    private static bool HasOffset(Group group, TopicPartition partition) =>
        group.Offsets.Find(partition) is not null || group.Offsets.HasPending(partition);

    [LoggerMessage(EventId = 7361, Level = LogLevel.Information, Message = "Group {Group} is gone, after generation {Generation}")]
    private partial void Removed(string group, int generation);

    [LoggerMessage(EventId = 7362, Level = LogLevel.Information, Message = "{Offsets} offsets of group {Group} have expired")]
    private partial void Expired(string group, int offsets);

    [LoggerMessage(EventId = 7363, Level = LogLevel.Warning, Message = "What group {Group} committed for deleted topic {Topic} stays until it expires: {Error}")]
    private partial void NotForgotten(string group, string topic, ErrorCode error);

    [LoggerMessage(EventId = 7364, Level = LogLevel.Warning, Message = "Expired offsets of group {Group} stay until the next time: {Error}")]
    private partial void NotExpired(string group, ErrorCode error);
}
