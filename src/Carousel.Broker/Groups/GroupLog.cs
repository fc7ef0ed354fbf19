using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>
/// Writes what becomes of groups to __consumer_offsets. Called under the group's lock, so that the log has everything about a group in the order in which
/// it happened.
/// </summary>
internal sealed class GroupLog(StateTopic topic)
{
    /// <summary>Tombstones in one batch: thousands of them stay far below what a batch may take.</summary>
    private const int TombstonesMax = 1000;

    private static readonly Dictionary<string, byte[]> NoAssignments = [];

    /// <summary>The partition of __consumer_offsets that keeps the group, by name.</summary>
    public TopicPartition NameOfPartition(string groupId) => new(topic.Name, PartitionOf(groupId));

    public int PartitionOf(string groupId) => topic.PartitionOf(groupId);

    /// <summary>Writes the group's generation and members.</summary>
    public StateAppend Append(Group group, IReadOnlyDictionary<string, byte[]>? assignments = null)
    {
        StateAppend append = topic.Append(group.LogPartition, [GroupRecords.Group(group, assignments ?? NoAssignments)]);
        group.HasRecord |= append.Error == ErrorCode.None;
        return append;
    }

    /// <summary>Writes committed offsets, all in one batch; each gets the next offset of the log.</summary>
    public StateAppend Append(Group group, IReadOnlyList<(TopicPartition Partition, CommittedOffset Offset)> commits, ProducerStamp? transactional) =>
        topic.Append(group.LogPartition, [.. commits.Select(commit => GroupRecords.Offset(group.Id, commit.Partition, commit.Offset))], transactional);

    /// <summary>Writes that these offsets are gone, and takes them out of the group as far as that was written.</summary>
    public StateAppend AppendTombstones(Group group, IEnumerable<TopicPartition> partitions)
    {
        var last = new StateAppend(ErrorCode.None, -1, -1);
        foreach (TopicPartition[] chunk in partitions.ToArray().Chunk(TombstonesMax))
        {
            last = topic.Append(group.LogPartition, [.. chunk.Select(partition => GroupRecords.OffsetTombstone(group.Id, partition))]);
            if (last.Error != ErrorCode.None)
            {
                break;
            }

            for (int index = 0; index < chunk.Length; index++)
            {
                group.Offsets.Remove(chunk[index], last.BaseOffset + index);
            }
        }

        return last;
    }

    /// <summary>Writes that the group is gone.</summary>
    public StateAppend AppendTombstone(Group group) => topic.Append(group.LogPartition, [GroupRecords.GroupTombstone(group.Id)]);

    /// <summary>Completes when nothing can take back what was appended. Not under the lock.</summary>
    /// <returns>None, or the error for the client.</returns>
    public async ValueTask<ErrorCode> WaitUntilDurableAsync(int partition, StateAppend append) =>
        ErrorOf(append.Error == ErrorCode.None ? await topic.WaitUntilDurableAsync(partition, append.LastOffset) : append.Error);

    /// <inheritdoc cref="WaitUntilDurableAsync(int, StateAppend)"/>
    public async ValueTask<ErrorCode> WaitUntilDurableAsync(int partition, long recordOffset) =>
        ErrorOf(await topic.WaitUntilDurableAsync(partition, recordOffset));

    /// <summary>
    /// What a client is told when its coordinator couldn't write: nothing of a log that it never named, and an error that makes it try again (Kafka's
    /// <c>CoordinatorOperationExceptionHelper</c>).
    /// </summary>
    public static ErrorCode ErrorOf(ErrorCode appendError) => appendError switch
    {
        ErrorCode.UnknownTopicOrPartition or ErrorCode.NotEnoughReplicas or ErrorCode.RequestTimedOut => ErrorCode.CoordinatorNotAvailable,
        ErrorCode.NotLeaderOrFollower or ErrorCode.KafkaStorageError => ErrorCode.NotCoordinator,
        ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidFetchSize => ErrorCode.UnknownServerError,
        _ => appendError,
    };
}
