using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>
/// Decides about JoinGroup (Kafka's <c>classicGroupJoin</c>): who is let in, what is answered at once, and what starts a rebalance. A request that has to wait
/// for the other members is parked as an unfinished task; no thread and no lock waits with it.
/// </summary>
internal sealed class JoinPhase(GroupSet groups, GroupLog log, Rebalance rebalance, Sessions sessions, GroupOptions options)
{
    /// <summary>A new member that is parked may be gone without a trace: it has to ask again within this time, as in Kafka.</summary>
    private static readonly TimeSpan NewMemberTimeout = TimeSpan.FromMinutes(5);

    /// <returns>The answer, once there is a generation for it.</returns>
    public async Task<JoinAnswer> JoinAsync(GroupJoin join)
    {
        if (join.GroupId.Length == 0)
        {
            return new JoinAnswer(ErrorCode.InvalidGroupId, join.MemberId);
        }

        if (join.SessionTimeout < options.SessionTimeoutMin || join.SessionTimeout > options.SessionTimeoutMax)
        {
            return new JoinAnswer(ErrorCode.InvalidSessionTimeout, join.MemberId);
        }

        Step step = Decide(join);
        return step.Recorded is { } recorded && await log.WaitUntilDurableAsync(step.LogPartition, recorded) is var error and not ErrorCode.None
            ? new JoinAnswer(error, "")
            : await step.Answer;
    }

    private Step Decide(GroupJoin join)
    {
        bool isUnknown = join.MemberId.Length == 0;
        using HeldGroup held = isUnknown ? groups.EnterOrCreate(join.GroupId) : groups.Enter(join.GroupId);
        if (held.Group is not { } group)
        {
            return Step.Of(new JoinAnswer(ErrorCode.UnknownMemberId, join.MemberId));
        }

        if (groups.IsClosed)
        {
            return Step.Of(new JoinAnswer(ErrorCode.NotCoordinator, join.MemberId));
        }

        if (!HasRoom(group, join.MemberId))
        {
            group.Remove(join.MemberId);
            rebalance.CompleteIfAllJoined(group);
            return Step.Of(new JoinAnswer(ErrorCode.GroupMaxSizeReached, ""));
        }

        Step step = !group.Supports(join.ProtocolType, join.Protocols) ? Step.Of(new JoinAnswer(ErrorCode.InconsistentGroupProtocol, join.MemberId))
            : isUnknown ? JoinAsNew(group, join)
            : JoinAsKnown(group, join);
        groups.RemoveIfVoid(group);
        return step;
    }

    /// <summary>While a rebalance waits, those who wait count: so a group that has become too large sheds those who come last.</summary>
    private bool HasRoom(Group group, string memberId) => group.State switch
    {
        GroupState.Empty => true,
        GroupState.PreparingRebalance =>
            group.Members.Find(memberId)?.AwaitingJoin is not null || group.Members.AwaitingJoinCount < options.MembersMax,
        _ => group.Members.Contains(memberId) || group.Members.Count < options.MembersMax,
    };

    private Step JoinAsNew(Group group, GroupJoin join)
    {
        string memberId = MemberIds.Create(join.InstanceId ?? join.ClientId);
        if (join.InstanceId is null)
        {
            return join.RequiresKnownMemberId ? Announce(group, join, memberId) : Add(group, join, memberId);
        }

        return group.Members.FindStatic(join.InstanceId) is { } current
            ? Replace(group, join, group.Members.Find(current)!, memberId)
            : Add(group, join, memberId);
    }

    /// <summary>Tells a dynamic member its id before anything is kept for it but the id (KIP-394).</summary>
    private Step Announce(Group group, GroupJoin join, string memberId)
    {
        Deadline deadline = sessions.Create(group, memberId);
        group.Members.Pending.Add(memberId, deadline);
        deadline.Set(join.SessionTimeout);
        return Step.Of(new JoinAnswer(ErrorCode.MemberIdRequired, memberId));
    }

    private Step JoinAsKnown(Group group, GroupJoin join)
    {
        if (group.Members.Pending.ContainsKey(join.MemberId) && join.InstanceId is null)
        {
            return Add(group, join, join.MemberId);
        }

        if (group.Validate(join.MemberId, join.InstanceId) is var error and not ErrorCode.None)
        {
            return Step.Of(new JoinAnswer(error, join.MemberId));
        }

        GroupMember member = group.Members.Find(join.MemberId)!;
        bool isUnchanged = member.HasSame(join.Protocols);
        return group.State switch
        {
            GroupState.PreparingRebalance => Update(group, join, member, "joined again"),

            // It may not have got the answer to its first JoinGroup.
            GroupState.CompletingRebalance when isUnchanged => Step.Of(Rebalance.AnswerOf(group, member.Id)),

            // A leader that joins has seen something that changes the assignment, though not what the members say: such as more partitions.
            GroupState.Stable when isUnchanged && !group.IsLeader(member.Id) => Step.Of(Rebalance.AnswerOf(group, member.Id)),
            GroupState.Empty => Step.Of(new JoinAnswer(ErrorCode.UnknownMemberId, member.Id)),
            _ => Update(group, join, member, group.IsLeader(member.Id) ? "joined again as the leader" : "joined with something else to say"),
        };
    }

    private Step Add(Group group, GroupJoin join, string memberId)
    {
        var identity = new MemberIdentity(memberId, join.InstanceId, join.ClientId, join.ClientHost);
        var member = new GroupMember(identity, join.ProtocolType, join.Protocols, sessions.Create(group, memberId))
        {
            SessionTimeout = join.SessionTimeout,
            RebalanceTimeout = join.RebalanceTimeout,
            IsNew = true,
        };
        group.HasNewMember |= group is { State: GroupState.PreparingRebalance, PreviousState: GroupState.Empty };
        group.Add(member);
        Task<JoinAnswer> parked = group.Members.Park(member);
        member.Session.Set(NewMemberTimeout);
        rebalance.PrepareOrComplete(group, Reason(join, memberId, "is new"));
        return new Step(parked);
    }

    private Step Update(Group group, GroupJoin join, GroupMember member, string what)
    {
        group.Members.Update(member, join.Protocols, join.SessionTimeout, join.RebalanceTimeout);
        Task<JoinAnswer> parked = group.Members.Park(member);
        rebalance.PrepareOrComplete(group, Reason(join, member.Id, what));
        return new Step(parked);
    }

    /// <summary>A static member is back under a new id (KIP-345): whoever still uses the old one is fenced.</summary>
    private Step Replace(Group group, GroupJoin join, GroupMember old, string memberId)
    {
        group.Members.Answer(old, new JoinAnswer(ErrorCode.FencedInstanceId, old.Id));
        old.Answer(new SyncAnswer(ErrorCode.FencedInstanceId));
        string? leaderBefore = group.LeaderId;
        GroupMember successor = Successor(group, old, memberId);
        group.Replace(old, successor);
        group.Members.Update(successor, join.Protocols, join.SessionTimeout, join.RebalanceTimeout);
        successor.RenewSession();
        string reason = Reason(join, memberId, $"took the place of {old.Id}");
        if (group.State == GroupState.Stable && group.Members.SelectProtocol() == group.ProtocolName)
        {
            return KeepGeneration(group, join, old, successor, leaderBefore);
        }

        Task<JoinAnswer> parked = group.Members.Park(successor);
        rebalance.PrepareOrComplete(group, reason);
        return new Step(parked);
    }

    /// <summary>Only the member id has changed: nobody else has to know, but the log.</summary>
    private Step KeepGeneration(Group group, GroupJoin join, GroupMember old, GroupMember successor, string? leaderBefore)
    {
        StateAppend append = log.Append(group, group.Members.All.ToDictionary(member => member.Id, member => member.Assignment));
        if (append.Error != ErrorCode.None)
        {
            group.Replace(successor, Successor(group, old, old.Id));
            group.Members.Find(old.Id)!.RenewSession();
            return Step.Of(new JoinAnswer(GroupLog.ErrorOf(append.Error), ""));
        }

        // A client that doesn't know how to skip the assignment must not take itself for the leader, or it would assign to those who don't listen.
        JoinAnswer answer = Rebalance.AnswerOf(group, successor.Id);
        answer = join.SupportsSkippingAssignment
            ? answer with { SkipAssignment = group.IsLeader(successor.Id) }
            : answer with { LeaderId = leaderBefore ?? "", Members = [] };
        return new Step(Task.FromResult(answer), append, group.LogPartition);
    }

    private GroupMember Successor(Group group, GroupMember member, string memberId) =>
        new(member.Identity with { MemberId = memberId }, member.ProtocolType, member.Protocols, sessions.Create(group, memberId))
        {
            SessionTimeout = member.SessionTimeout,
            RebalanceTimeout = member.RebalanceTimeout,
        };

    private static string Reason(GroupJoin join, string memberId, string what) => $"member {memberId} {what}; it says: {join.Reason ?? "nothing"}";

    /// <summary>What is answered, and what has to be durable before.</summary>
    private sealed record Step(Task<JoinAnswer> Answer, StateAppend? Recorded = null, int LogPartition = -1)
    {
        public static Step Of(JoinAnswer answer) => new(Task.FromResult(answer));
    }
}
