using System.Collections.Concurrent;
using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>
/// All groups by id, and the only way to get hold of one: with its lock. A group that is removed is marked dead under its lock, so whoever waited for the
/// lock meanwhile looks again.
/// </summary>
internal sealed class GroupSet(GroupLog log, Rebalance rebalance, DeadlineQueue deadlines)
{
    private readonly ConcurrentDictionary<string, Group> _groups = [];

    /// <summary>The broker stops: nobody is to be parked any more. Read under a group's lock.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Sends everybody who is parked away, to look for the coordinator that will be there then.</summary>
    public void Close()
    {
        IsClosed = true;
        foreach (string groupId in Ids())
        {
            using HeldGroup held = Enter(groupId);
            foreach (GroupMember member in held.Group?.Members.All ?? [])
            {
                held.Group!.Members.Answer(member, new JoinAnswer(ErrorCode.NotCoordinator, member.Id));
                member.Answer(new SyncAnswer(ErrorCode.NotCoordinator));
            }
        }
    }

    /// <summary>Takes the group's lock, if there is such a group.</summary>
    public HeldGroup Enter(string groupId)
    {
        while (_groups.TryGetValue(groupId, out Group? group))
        {
            Lock.Scope scope = group.Lock.EnterScope();
            if (group.State != GroupState.Dead)
            {
                return new HeldGroup(group, scope);
            }

            scope.Dispose();
        }

        return default;
    }

    /// <summary>Takes the group's lock, of a new group if there is none.</summary>
    public HeldGroup EnterOrCreate(string groupId)
    {
        while (true)
        {
            Group group = _groups.GetOrAdd(groupId, Create);
            Lock.Scope scope = group.Lock.EnterScope();
            if (group.State != GroupState.Dead)
            {
                return new HeldGroup(group, scope);
            }

            scope.Dispose();
        }
    }

    /// <summary>The ids of all groups there are about now.</summary>
    public IReadOnlyList<string> Ids() => [.. _groups.Keys];

    /// <summary>Takes the group out, under its lock.</summary>
    public void Remove(Group group)
    {
        group.MoveTo(GroupState.Dead, rebalance.Now);
        group.JoinDeadline.Cancel();
        group.SyncDeadline.Cancel();
        foreach (Deadline pending in group.Members.Pending.Values)
        {
            pending.Cancel();
        }

        _groups.TryRemove(new(group.Id, group));
    }

    /// <summary>Takes the group out, under its lock, if nothing would be lost: ids that were only tried leave nothing behind.</summary>
    public void RemoveIfVoid(Group group)
    {
        if (group.IsVoid)
        {
            Remove(group);
        }
    }

    private Group Create(string groupId)
    {
        Group group = null!;
        group = new Group(groupId, log.PartitionOf(groupId), rebalance.Now)
        {
            JoinDeadline = new Deadline(deadlines, () => Locked(group, rebalance.OnJoinDeadline)),
            SyncDeadline = new Deadline(deadlines, () => Locked(group, rebalance.OnSyncDeadline)),
        };
        return group;
    }

    private static void Locked(Group group, Action<Group> action)
    {
        lock (group.Lock)
        {
            action(group);
        }
    }
}
