using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>Hears of members between rebalances: that they live (Heartbeat), and that they go (LeaveGroup).</summary>
internal sealed class Membership(GroupSet groups, Rebalance rebalance)
{
    /// <summary>Renews the member's session. A rebalance is reported, and renews it all the same.</summary>
    public ErrorCode Heartbeat(GroupCaller caller)
    {
        if (caller.GroupId.Length == 0)
        {
            return ErrorCode.InvalidGroupId;
        }

        using HeldGroup held = groups.Enter(caller.GroupId);
        if (held.Group is not { } group)
        {
            return ErrorCode.UnknownMemberId;
        }

        if (group.Validate(caller.MemberId, caller.InstanceId) is var error and not ErrorCode.None)
        {
            return error;
        }

        if (caller.Generation != group.Generation)
        {
            return ErrorCode.IllegalGeneration;
        }

        group.Members.Find(caller.MemberId)!.RenewSession();

        // While the assignment is awaited a consumer may already send heartbeats, and there is nothing that it should do about it.
        return group.State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    /// <summary>Takes members out, and starts a rebalance if any went.</summary>
    /// <returns>The error of the request as a whole, and one for each leaver.</returns>
    public (ErrorCode Error, IReadOnlyList<ErrorCode> Leavers) Leave(string groupId, IReadOnlyList<Leaver> leavers)
    {
        if (groupId.Length == 0)
        {
            return (ErrorCode.InvalidGroupId, []);
        }

        using HeldGroup held = groups.Enter(groupId);
        if (held.Group is not { } group)
        {
            return (ErrorCode.None, [.. leavers.Select(_ => ErrorCode.UnknownMemberId)]);
        }

        ErrorCode[] errors = [.. leavers.Select(leaver => Remove(group, leaver))];
        if (errors.Contains(ErrorCode.None) && group.State != GroupState.Empty)
        {
            IEnumerable<string> gone = leavers.Where((_, index) => errors[index] == ErrorCode.None).Select(leaver => $"{leaver.InstanceId ?? leaver.MemberId} ({leaver.Reason ?? "no reason given"})");
            rebalance.PrepareOrComplete(group, $"left: {string.Join(", ", gone)}");
        }

        groups.RemoveIfVoid(group);
        return (ErrorCode.None, errors);
    }

    private static ErrorCode Remove(Group group, Leaver leaver)
    {
        // An administrator names a static member by its instance id alone (KIP-345).
        string? memberId = leaver.MemberId.Length > 0 ? leaver.MemberId
            : leaver.InstanceId is { } instanceId ? group.Members.FindStatic(instanceId)
            : null;
        if (memberId is null)
        {
            return ErrorCode.UnknownMemberId;
        }

        if (group.Members.Pending.ContainsKey(memberId))
        {
            group.Remove(memberId);
            return ErrorCode.None;
        }

        ErrorCode error = group.Validate(memberId, leaver.InstanceId);
        if (error == ErrorCode.None)
        {
            Rebalance.Remove(group, group.Members.Find(memberId)!);
        }

        return error;
    }
}
