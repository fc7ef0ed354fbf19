using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>
/// Takes offsets in (Kafka's <c>OffsetMetadataManager</c>): checks who commits, writes to the log, and answers when that is durable. What is fenced and what
/// isn't is the same for a member, a simple consumer without a group's protocol, and a transaction.
/// </summary>
internal sealed class OffsetCommits(
    GroupSet groups, GroupLog log, OpenTransactions transactions, GroupOptions options, TimeProvider time, ITransactionEnlistment enlistment)
{
    /// <returns>One for each of the offsets.</returns>
    public ValueTask<IReadOnlyList<ErrorCode>> CommitAsync(OffsetCommit commit)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        long? expires = commit.RetentionMs is { } retention ? now + Math.Min(retention, long.MaxValue - now) : null;
        ErrorCode whereNoGroup = commit.KnowsGroupIdNotFound ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration;
        return CommitAsync(commit.Caller, whereNoGroup, Accept(commit.Offsets, now, expires), transactional: null);
    }

    /// <inheritdoc cref="CommitAsync(OffsetCommit)"/>
    public async ValueTask<IReadOnlyList<ErrorCode>> CommitAsync(TransactionalOffsetCommit commit)
    {
        ErrorCode refusal = commit.Caller.GroupId.Length == 0 ? ErrorCode.InvalidGroupId
            : commit.Enlists ? await enlistment.EnlistAsync(commit.TransactionalId, commit.Producer, log.NameOfPartition(commit.Caller.GroupId))
            : ErrorCode.None;
        if (refusal != ErrorCode.None)
        {
            return [.. commit.Offsets.Select(_ => refusal)];
        }

        Acceptance[] offsets = Accept(commit.Offsets, time.GetUtcNow().ToUnixTimeMilliseconds(), expires: null);
        return await CommitAsync(commit.Caller, ErrorCode.IllegalGeneration, offsets, commit.Producer);
    }

    /// <summary>
    /// Settles what the group's producer has pending. A commit of the producer's next transaction may have come already: it stands behind the marker, and
    /// stays noted.
    /// </summary>
    public void EndTransaction(int logPartition, long producerId, bool isCommit, long markerOffset)
    {
        foreach (string groupId in transactions.Take(logPartition, producerId))
        {
            using HeldGroup held = groups.Enter(groupId);
            if (held.Group is { } group)
            {
                group.Offsets.End(producerId, isCommit, markerOffset);
                if (group.Offsets.HasPendingOf(producerId))
                {
                    transactions.Note(logPartition, producerId, groupId);
                }

                groups.RemoveIfVoid(group);
            }
        }
    }

    private async ValueTask<IReadOnlyList<ErrorCode>> CommitAsync(
        GroupCaller caller, ErrorCode whereNoGroup, Acceptance[] offsets, ProducerStamp? transactional)
    {
        (int logPartition, StateAppend append) = (-1, default(StateAppend));
        using (HeldGroup held = caller.Generation < 0 ? groups.EnterOrCreate(caller.GroupId) : groups.Enter(caller.GroupId))
        {
            ErrorCode refusal = held.Group is null ? whereNoGroup : Validate(held.Group, caller, transactional is not null);
            if (refusal != ErrorCode.None)
            {
                return [.. offsets.Select(_ => refusal)];
            }

            Group group = held.Group!;
            if (transactional is null && group.State is GroupState.Stable or GroupState.PreparingRebalance)
            {
                group.Members.Find(caller.MemberId)?.RenewSession();
            }

            logPartition = group.LogPartition;
            append = Write(group, [.. offsets.Where(offset => offset.Error == ErrorCode.None)], transactional);
            groups.RemoveIfVoid(group);
        }

        ErrorCode written = await log.WaitUntilDurableAsync(logPartition, append);
        return [.. offsets.Select(offset => offset.Error == ErrorCode.None ? written : offset.Error)];
    }

    /// <summary>
    /// Whether the caller may commit (Kafka's <c>ClassicGroup.validateOffsetCommit</c>). One without member id and generation may where nobody is in the
    /// group; in a transaction always, because old clients have nothing to say there.
    /// </summary>
    private static ErrorCode Validate(Group group, GroupCaller caller, bool isTransactional)
    {
        if (caller.Generation < 0 && group.State == GroupState.Empty)
        {
            return ErrorCode.None;
        }

        if (caller.Generation < 0 && caller.MemberId.Length == 0 && caller.InstanceId is null)
        {
            return isTransactional ? ErrorCode.None : ErrorCode.UnknownMemberId;
        }

        if (group.Validate(caller.MemberId, caller.InstanceId) is var error and not ErrorCode.None)
        {
            return error;
        }

        if (caller.Generation != group.Generation)
        {
            return ErrorCode.IllegalGeneration;
        }

        // The member knows the new generation and not yet what it is to read: it can't have read anything.
        return group.State == GroupState.CompletingRebalance && !isTransactional ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    private Acceptance[] Accept(IReadOnlyList<OffsetToCommit> offsets, long now, long? expires) =>
    [
        .. offsets.Select(offset => new Acceptance(
            offset.Partition,
            new CommittedOffset(offset.TopicId, offset.Offset, offset.LeaderEpoch, offset.Metadata, now, expires),
            offset.Metadata.Length > options.MetadataCharsMax ? ErrorCode.OffsetMetadataTooLarge : ErrorCode.None)),
    ];

    /// <summary>Writes the offsets, and takes them into the group if that went well.</summary>
    private StateAppend Write(Group group, Acceptance[] offsets, ProducerStamp? transactional)
    {
        if (offsets.Length == 0)
        {
            return new StateAppend(ErrorCode.None, -1, -1);
        }

        if (transactional is { } opening)
        {
            transactions.Note(group.LogPartition, opening.ProducerId, group.Id);
        }

        StateAppend append = log.Append(group, [.. offsets.Select(offset => (offset.Partition, offset.Offset))], transactional);
        for (int index = 0; index < offsets.Length && append.Error == ErrorCode.None; index++)
        {
            CommittedOffset offset = offsets[index].Offset with { RecordOffset = append.BaseOffset + index };
            if (transactional is { } producer)
            {
                group.Offsets.CommitPending(producer.ProducerId, offsets[index].Partition, offset);
            }
            else
            {
                group.Offsets.Commit(offsets[index].Partition, offset);
            }
        }

        if (transactional is { } refused && !group.Offsets.HasPendingOf(refused.ProducerId))
        {
            transactions.Forget(group.LogPartition, refused.ProducerId, group.Id);
        }

        return append;
    }

    /// <summary>An offset, and why it can't be committed, if it can't.</summary>
    private readonly record struct Acceptance(TopicPartition Partition, CommittedOffset Offset, ErrorCode Error);
}
