using Carousel.Broker.StateTopics;
using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Groups;

/// <summary>
/// How a group gets from one generation to the next (Kafka's <c>GroupMetadataManager</c>): members are asked to join again, until all have or their time is
/// over; the next generation is made of those who did, and waits for its leader's assignment. Every method is called under the group's lock.
/// </summary>
internal sealed partial class Rebalance(GroupLog log, GroupOptions options, TimeProvider time, ILogger<Rebalance> logger)
{
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Starts a rebalance, or goes on with the one under way if nobody is missing any more.</summary>
    public void PrepareOrComplete(Group group, string reason)
    {
        if (group.State == GroupState.PreparingRebalance)
        {
            CompleteIfAllJoined(group);
        }
        else
        {
            Prepare(group, reason);
        }
    }

    /// <summary>Asks all members to join again.</summary>
    public void Prepare(Group group, string reason)
    {
        if (group.State == GroupState.CompletingRebalance)
        {
            EndSync(group, ErrorCode.RebalanceInProgress);
        }

        group.Members.WithoutSync.Clear();
        group.SyncDeadline.Cancel();
        bool isInitial = group.State == GroupState.Empty;
        group.MoveTo(GroupState.PreparingRebalance, Now);
        Preparing(group.Id, group.Generation, group.Members.Count, reason);
        if (!isInitial)
        {
            CompleteOrWait(group);
        }
        else if (options.InitialRebalanceDelay == TimeSpan.Zero)
        {
            CompleteJoin(group);
        }
        else
        {
            group.InitialDelayLeft = group.Members.RebalanceTimeout - options.InitialRebalanceDelay;
            group.JoinDeadline.Set(options.InitialRebalanceDelay);
        }
    }

    /// <summary>Goes on with a rebalance once nobody is missing. A new group waits its time for others nevertheless.</summary>
    public void CompleteIfAllJoined(Group group)
    {
        if (group.State == GroupState.PreparingRebalance && group.PreviousState != GroupState.Empty && group.Members.HaveAllJoined)
        {
            CompleteJoin(group);
        }
    }

    /// <summary>The time to join is over.</summary>
    public void OnJoinDeadline(Group group)
    {
        if (group.State != GroupState.PreparingRebalance || !group.JoinDeadline.IsDue)
        {
            return;
        }

        if (group.PreviousState == GroupState.Empty && group.HasNewMember && group.InitialDelayLeft > TimeSpan.Zero)
        {
            group.HasNewMember = false;
            TimeSpan delay = options.InitialRebalanceDelay < group.InitialDelayLeft ? options.InitialRebalanceDelay : group.InitialDelayLeft;
            group.InitialDelayLeft -= delay;
            group.JoinDeadline.Set(delay);
        }
        else
        {
            CompleteJoin(group);
        }
    }

    /// <summary>The time to ask for the assignment is over: who hasn't is out.</summary>
    public void OnSyncDeadline(Group group)
    {
        bool isSyncing = group.State is GroupState.CompletingRebalance or GroupState.Stable;
        if (!isSyncing || !group.SyncDeadline.IsDue || group.Members.WithoutSync.Count == 0)
        {
            return;
        }

        string[] late = [.. group.Members.WithoutSync];
        foreach (string memberId in late)
        {
            group.Remove(memberId);
        }

        Prepare(group, $"{late.Length} members didn't ask for their assignment in time: {string.Join(", ", late)}");
    }

    /// <summary>Takes a member out that left or whose session is over. A JoinGroup of it that is parked is answered, so that one who lives joins anew.</summary>
    public static void Remove(Group group, GroupMember member)
    {
        group.Members.Answer(member, new JoinAnswer(ErrorCode.UnknownMemberId, ""));
        member.Answer(new SyncAnswer(ErrorCode.UnknownMemberId));
        group.Remove(member.Id);
    }

    /// <summary>Answers the SyncGroups that are parked: with what is assigned, or with the error, whereupon nothing is.</summary>
    public static void EndSync(Group group, ErrorCode error)
    {
        foreach (GroupMember member in group.Members.All)
        {
            if (error != ErrorCode.None)
            {
                member.Assignment = [];
            }

            if (member.AwaitingSync is not null)
            {
                member.Answer(AssignmentOf(group, member, error));

                // A session that ran out while its SyncGroup was parked was overlooked, and no heartbeat renews it.
                member.RenewSession();
            }
        }
    }

    public static SyncAnswer AssignmentOf(Group group, GroupMember member, ErrorCode error) => error == ErrorCode.None
        ? new(error) { ProtocolType = group.ProtocolType, ProtocolName = group.ProtocolName, Assignment = member.Assignment }
        : new(error);

    /// <summary>The generation as it is, for a member that has joined it.</summary>
    public static JoinAnswer AnswerOf(Group group, string memberId) => new(ErrorCode.None, memberId)
    {
        Generation = group.Generation,
        ProtocolType = group.ProtocolType,
        ProtocolName = group.ProtocolName,
        LeaderId = group.LeaderId ?? "",
        Members = group.IsLeader(memberId)
            ? [.. group.Members.All.Select(member => new JoinedMember(member.Id, member.Identity.InstanceId, member.MetadataOf(group.ProtocolName!)))]
            : [],
    };

    private void CompleteOrWait(Group group)
    {
        if (group.Members.HaveAllJoined)
        {
            CompleteJoin(group);
        }
        else
        {
            group.JoinDeadline.Set(group.Members.RebalanceTimeout);
        }
    }

    private void CompleteJoin(Group group)
    {
        group.JoinDeadline.Cancel();
        group.HasNewMember = false;
        foreach (GroupMember missing in group.Members.All.Where(member => member.AwaitingJoin is null && !member.IsStatic).ToArray())
        {
            Missing(group.Id, missing.Id);
            group.Remove(missing.Id);
        }

        if (group.Members.Count > 0 && !group.TryElectJoinedLeader())
        {
            // Only static members are left, and none of them has joined: their sessions decide what becomes of them.
            group.JoinDeadline.Set(group.Members.RebalanceTimeout);
            return;
        }

        group.StartGeneration(Now);
        if (group.State == GroupState.Empty)
        {
            RecordEmpty(group);
            return;
        }

        Generation(group.Id, group.Generation, group.Members.Count, group.ProtocolName!);
        foreach (GroupMember member in group.Members.All)
        {
            group.Members.Answer(member, AnswerOf(group, member.Id));
            member.RenewSession();
            member.IsNew = false;
            group.Members.WithoutSync.Add(member.Id);
        }

        group.SyncDeadline.Set(group.Members.RebalanceTimeout);
    }

    /// <summary>If that can't be written, the generation before is the one that a restart finds; its members are gone, and time out.</summary>
    private void RecordEmpty(Group group)
    {
        Emptied(group.Id, group.Generation);
        StateAppend append = log.Append(group);
        if (append.Error != ErrorCode.None)
        {
            NotRecorded(group.Id, append.Error);
        }
    }
}
