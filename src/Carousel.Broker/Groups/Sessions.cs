using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Groups;

/// <summary>Ends the sessions of members that aren't heard of, and forgets ids that nobody joined with.</summary>
internal sealed partial class Sessions(GroupSet groups, Rebalance rebalance, DeadlineQueue deadlines, GroupOptions options, ILogger<Sessions> logger)
{
    /// <summary>The deadline of a member, or of an id that is about to become one. It's not set yet.</summary>
    public Deadline Create(Group group, string memberId)
    {
        Deadline deadline = null!;
        deadline = new Deadline(deadlines, () => End(group, memberId, deadline));
        return deadline;
    }

    /// <summary>
    /// The broker starts: each member of the group gets a whole session to be heard of. A group that has become larger than it may be rebalances, which leaves
    /// no room for the last. Under the group's lock.
    /// </summary>
    public void Resume(Group group)
    {
        foreach (GroupMember member in group.Members.All)
        {
            member.RenewSession();
        }

        if (group.Members.Count > options.MembersMax)
        {
            rebalance.Prepare(group, $"it has {group.Members.Count} members, more than the {options.MembersMax} that it may have by now");
        }
    }

    private void End(Group group, string memberId, Deadline deadline)
    {
        lock (group.Lock)
        {
            if (!deadline.IsDue)
            {
                return;
            }

            if (group.Members.Pending.ContainsKey(memberId))
            {
                Forgotten(group.Id, memberId);
                group.Remove(memberId);
                rebalance.CompleteIfAllJoined(group);
                groups.RemoveIfVoid(group);
            }
            else if (group.Members.Find(memberId) is { IsExcusedFromHeartbeats: false } member)
            {
                Expired(group.Id, memberId, member.SessionTimeout);
                Rebalance.Remove(group, member);
                rebalance.PrepareOrComplete(group, $"the session of member {memberId} is over");
            }
        }
    }

    [LoggerMessage(EventId = 7321, Level = LogLevel.Information, Message = "Nothing was heard of member {Member} of group {Group} for {Timeout}: it is out of it")]
    private partial void Expired(string group, string member, TimeSpan timeout);

    [LoggerMessage(EventId = 7322, Level = LogLevel.Information, Message = "Nobody joined group {Group} with the member id {Member} that was given out")]
    private partial void Forgotten(string group, string member);
}
