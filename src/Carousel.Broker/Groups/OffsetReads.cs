using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>
/// Tells what groups have committed. An answer waits until no crash can take back what it tells: a group that has seen an offset never finds a lower one
/// after a restart.
/// </summary>
internal sealed class OffsetReads(GroupSet groups, GroupLog log)
{
    /// <param name="wanted">Null for everything the group has committed.</param>
    /// <param name="requireStable">An offset that an open transaction may replace is UNSTABLE_OFFSET_COMMIT (KIP-447).</param>
    /// <returns>The error of the group as a whole, with which nothing is told, and the offsets in the order they were asked for.</returns>
    public async ValueTask<(ErrorCode Error, IReadOnlyList<FetchedOffset> Offsets)> FetchAsync(
        string groupId, IReadOnlyList<OffsetToFetch>? wanted, bool requireStable)
    {
        FetchedOffset[] offsets;
        (int logPartition, long recordOffset) = (-1, -1L);
        using (HeldGroup held = groups.Enter(groupId))
        {
            if (held.Group is not { } group)
            {
                return (ErrorCode.None, [.. (wanted ?? []).Select(partition => new FetchedOffset(partition.Partition, partition.TopicId, ErrorCode.None, null))]);
            }

            offsets = wanted is null
                ? [.. group.Offsets.Committed.Select(committed => Fetch(group, new(committed.Key, committed.Value.TopicId), requireStable))]
                : [.. wanted.Select(partition => Fetch(group, partition, requireStable))];
            (logPartition, recordOffset) = (group.LogPartition, group.Offsets.LastRecordOffset);
        }

        ErrorCode error = await log.WaitUntilDurableAsync(logPartition, recordOffset);
        return (error, error == ErrorCode.None ? offsets : [.. offsets.Select(offset => offset with { Committed = null })]);
    }

    private static FetchedOffset Fetch(Group group, OffsetToFetch wanted, bool requireStable)
    {
        if (requireStable && group.Offsets.HasPending(wanted.Partition))
        {
            return new(wanted.Partition, wanted.TopicId, ErrorCode.UnstableOffsetCommit, null);
        }

        // A topic of the same name that was made anew begins anew.
        CommittedOffset? committed = group.Offsets.Find(wanted.Partition);
        bool isOfAnotherTopic = committed is not null && committed.TopicId != default && wanted.TopicId != default && committed.TopicId != wanted.TopicId;
        return new(wanted.Partition, wanted.TopicId, ErrorCode.None, isOfAnotherTopic ? null : committed);
    }
}
