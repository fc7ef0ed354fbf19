using Carousel.Broker.StateTopics;
using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Groups;

/// <summary>
/// Decides about SyncGroup (Kafka's <c>classicGroupSync</c>): the leader's brings the assignment, which is written to the log before any member hears of it.
/// The others' wait for that as unfinished tasks.
/// </summary>
internal sealed partial class SyncPhase(GroupSet groups, GroupLog log, Rebalance rebalance, ILogger<SyncPhase> logger)
{
    /// <returns>The answer, once there is an assignment for it.</returns>
    public async Task<SyncAnswer> SyncAsync(GroupSync sync)
    {
        if (sync.Caller.GroupId.Length == 0)
        {
            return new SyncAnswer(ErrorCode.InvalidGroupId);
        }

        Step step = Decide(sync);
        if (step.Recorded is { } recorded)
        {
            ErrorCode error = await log.WaitUntilDurableAsync(recorded.Group.LogPartition, recorded.Append);
            Complete(recorded.Group, recorded.Generation, recorded.Assignments, error);
        }

        return await step.Answer;
    }

    private Step Decide(GroupSync sync)
    {
        GroupCaller caller = sync.Caller;
        using HeldGroup held = groups.Enter(caller.GroupId);
        if (held.Group is not { } group || groups.IsClosed)
        {
            return Step.Of(groups.IsClosed ? ErrorCode.NotCoordinator : ErrorCode.UnknownMemberId);
        }

        if (Validate(group, sync) is var error and not ErrorCode.None)
        {
            return Step.Of(error);
        }

        GroupMember member = group.Members.Find(caller.MemberId)!;
        switch (group.State)
        {
            case GroupState.CompletingRebalance:
                Note(group, member);
                Task<SyncAnswer> parked = member.ParkSync();
                return group.IsLeader(member.Id) ? new Step(parked, Assign(group, sync.Assignments)) : new Step(parked);
            case GroupState.Stable:
                Note(group, member);
                return new Step(Task.FromResult(Rebalance.AssignmentOf(group, member, ErrorCode.None)));
            default:
                return Step.Of(ErrorCode.RebalanceInProgress);
        }
    }

    private static ErrorCode Validate(Group group, GroupSync sync)
    {
        ErrorCode error = group.Validate(sync.Caller.MemberId, sync.Caller.InstanceId);
        if (error == ErrorCode.None && sync.Caller.Generation != group.Generation)
        {
            error = ErrorCode.IllegalGeneration;
        }

        bool isConsistent = (sync.ProtocolType ?? group.ProtocolType) == (group.ProtocolType ?? sync.ProtocolType)
            && (sync.ProtocolName ?? group.ProtocolName) == (group.ProtocolName ?? sync.ProtocolName);
        return error == ErrorCode.None && !isConsistent ? ErrorCode.InconsistentGroupProtocol : error;
    }

    /// <summary>The member has asked; once all have, nobody is waited for any more.</summary>
    private static void Note(Group group, GroupMember member)
    {
        group.Members.WithoutSync.Remove(member.Id);
        if (group.Members.WithoutSync.Count == 0)
        {
            group.SyncDeadline.Cancel();
        }
    }

    private Recorded Assign(Group group, IReadOnlyDictionary<string, byte[]> assignments)
    {
        int without = group.Members.All.Count(member => !assignments.ContainsKey(member.Id));
        Assigned(group.Id, group.Generation, group.Members.Count, without);
        return new(group, group.Generation, assignments, log.Append(group, assignments));
    }

    /// <summary>Hands the assignment out, unless another rebalance has begun while it was written.</summary>
    private void Complete(Group group, int generation, IReadOnlyDictionary<string, byte[]> assignments, ErrorCode error)
    {
        lock (group.Lock)
        {
            if (group.State != GroupState.CompletingRebalance || group.Generation != generation)
            {
                return;
            }

            if (error != ErrorCode.None)
            {
                Rebalance.EndSync(group, error);
                rebalance.PrepareOrComplete(group, $"the assignment of generation {generation} could not be written: {error}");
                return;
            }

            foreach (GroupMember member in group.Members.All)
            {
                member.Assignment = assignments.GetValueOrDefault(member.Id) ?? [];
            }

            group.MoveTo(GroupState.Stable, rebalance.Now);
            Rebalance.EndSync(group, ErrorCode.None);
        }
    }

    [LoggerMessage(EventId = 7341, Level = LogLevel.Information, Message = "Group {Group} has the assignment of generation {Generation}: {Members} members, {Without} of them without any")]
    private partial void Assigned(string group, int generation, int members, int without);

    private sealed record Recorded(Group Group, int Generation, IReadOnlyDictionary<string, byte[]> Assignments, StateAppend Append);

    /// <summary>What is answered, and what has to be durable before.</summary>
    private sealed record Step(Task<SyncAnswer> Answer, Recorded? Recorded = null)
    {
        public static Step Of(ErrorCode error) => new(Task.FromResult(new SyncAnswer(error)));
    }
}
