using Carousel.Broker.StateTopics;
using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Groups;

/// <summary>
/// Brings the groups back from the log when the broker starts, before anybody can connect. Members find the generation that they were in, and get a whole
/// session to be heard of again: a restart is no rebalance.
/// </summary>
internal sealed partial class GroupReplay(
    StateTopic topic, GroupSet groups, OpenTransactions transactions, Sessions sessions, OffsetCommits commits, ILogger<GroupReplay> logger)
{
    /// <exception cref="InvalidDataException">The log holds what nobody wrote; the message says where.</exception>
    public void Run()
    {
        for (int number = 0; number < topic.PartitionCount; number++)
        {
            int partition = number;
            topic.Replay(partition, record => Apply(partition, record));
        }

        int memberCount = 0;
        foreach (string groupId in groups.Ids())
        {
            using HeldGroup held = groups.Enter(groupId);
            sessions.Resume(held.Group!);
            memberCount += held.Group!.Members.Count;
            groups.RemoveIfVoid(held.Group);
        }

        Replayed(groups.Ids().Count, memberCount);
    }

    private void Apply(int partition, StateRecordRead record)
    {
        try
        {
            switch (record)
            {
                case StateRecordRead.Data data:
                    Apply(partition, data);
                    break;
                case StateRecordRead.Marker marker:
                    commits.EndTransaction(partition, marker.ProducerId, marker.IsCommit, marker.Offset);
                    break;
            }
        }
        catch (WireFormatException e)
        {
            throw new InvalidDataException($"The record at offset {record.Offset} of {topic.Name}-{partition} can't be read: {e.Message}", e);
        }
    }

    private void Apply(int logPartition, StateRecordRead.Data record)
    {
        if (!GroupRecords.TryReadKey(record.Key, out string groupId, out TopicPartition? partition))
        {
            Skipped(topic.Name, logPartition, record.Offset);
            return;
        }

        using HeldGroup held = groups.EnterOrCreate(groupId);
        Group group = held.Group!;
        if (partition is { } committed)
        {
            ApplyOffset(group, committed, record);
        }
        else
        {
            Restore(group, record.Value is { } value ? GroupRecords.ReadGroup(value) : null);
        }
    }

    private void ApplyOffset(Group group, TopicPartition partition, StateRecordRead.Data record)
    {
        if (record.Value is not { } value)
        {
            group.Offsets.Remove(partition, record.Offset);
        }
        else if (record.IsTransactional)
        {
            transactions.Note(group.LogPartition, record.ProducerId, group.Id);
            group.Offsets.CommitPending(record.ProducerId, partition, GroupRecords.ReadOffset(value, record.Offset));
        }
        else
        {
            group.Offsets.Commit(partition, GroupRecords.ReadOffset(value, record.Offset));
        }
    }

    /// <summary>Puts the members of the record in place of those of an earlier one; null is a tombstone, which leaves none.</summary>
    private void Restore(Group group, GroupMetadataValue? value)
    {
        foreach (GroupMember member in group.Members.All.ToArray())
        {
            group.Remove(member.Id);
        }

        foreach (GroupMetadataValue.MemberMetadata member in value?.Members ?? [])
        {
            group.Add(Restore(group, member, value!));
        }

        group.HasRecord = value is not null;
        group.Restore(
            value?.Generation ?? 0,
            string.IsNullOrEmpty(value?.ProtocolType) ? null : value.ProtocolType,
            value?.Protocol,
            value?.Leader,
            value?.CurrentStateTimestamp is -1 ? null : value?.CurrentStateTimestamp);
    }

    private GroupMember Restore(Group group, GroupMetadataValue.MemberMetadata member, GroupMetadataValue value)
    {
        var identity = new MemberIdentity(member.MemberId, member.GroupInstanceId, member.ClientId, member.ClientHost);
        var protocol = new MemberProtocol(value.Protocol ?? "", member.Subscription.ToArray());
        int rebalanceTimeoutMs = member.RebalanceTimeout == -1 ? member.SessionTimeout : member.RebalanceTimeout;
        return new GroupMember(identity, value.ProtocolType, [protocol], sessions.Create(group, member.MemberId))
        {
            SessionTimeout = TimeSpan.FromMilliseconds(member.SessionTimeout),
            RebalanceTimeout = TimeSpan.FromMilliseconds(rebalanceTimeoutMs),
            Assignment = member.Assignment.ToArray(),
        };
    }

    [LoggerMessage(EventId = 7381, Level = LogLevel.Information, Message = "Read {Groups} groups with {Members} members from the log")]
    private partial void Replayed(int groups, int members);

    [LoggerMessage(EventId = 7382, Level = LogLevel.Warning, Message = "Passed over a record in {Topic}-{Partition} at offset {Offset}, of a type that this broker doesn't know")]
    private partial void Skipped(string topic, int partition, long offset);
}
