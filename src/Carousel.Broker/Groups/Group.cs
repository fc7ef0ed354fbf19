using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>
/// A consumer group with the classic protocol (Kafka's <c>ClassicGroup</c>): its state, members and offsets, and how they change. Its lock guards all of it;
/// the log is appended to under the same lock, so that both change in one order. What it lets happen and when is decided by its callers.
/// </summary>
internal sealed class Group
{
    /// <summary>The protocol type of consumers, whose metadata names the topics they subscribe to.</summary>
    public const string ConsumerProtocolType = "consumer";

    public Group(string id, int logPartition, long now)
    {
        (Id, LogPartition, StateTimestamp) = (id, logPartition, now);
    }

    public Lock Lock { get; } = new();

    public string Id { get; }

    /// <summary>The partition of __consumer_offsets that keeps this group.</summary>
    public int LogPartition { get; }

    public GroupState State { get; private set; } = GroupState.Empty;

    public GroupState PreviousState { get; private set; } = GroupState.Dead;

    /// <summary>When the state changed last, in milliseconds since 1970; null where a record of old doesn't say.</summary>
    public long? StateTimestamp { get; private set; }

    public int Generation { get; private set; }

    /// <summary>Null for a group that nobody ever joined.</summary>
    public string? ProtocolType { get; private set; }

    public string? ProtocolName { get; private set; }

    public string? LeaderId { get; private set; }

    /// <summary>What its members subscribe to, by what they said when they joined; null where that can't be told.</summary>
    public IReadOnlySet<string>? SubscribedTopics { get; private set; }

    public GroupMembers Members { get; } = new();

    public GroupOffsets Offsets { get; } = new();

    /// <summary>A member joined while a new group waited for others, and is worth waiting once more.</summary>
    public bool HasNewMember { get; set; }

    /// <summary>How much longer a new group may wait for others.</summary>
    public TimeSpan InitialDelayLeft { get; set; }

    /// <summary>The end of the wait for members to join again; set while PreparingRebalance.</summary>
    public required Deadline JoinDeadline { get; init; }

    /// <summary>The end of the wait for members to ask for their assignment.</summary>
    public required Deadline SyncDeadline { get; init; }

    /// <summary>Whether the log may hold a record of its members.</summary>
    public bool HasRecord { get; set; }

    /// <summary>Nothing would be lost without it: nobody is in it, on the way to it, or has left anything.</summary>
    public bool IsVoid => State == GroupState.Empty && Members.Count == 0 && Members.Pending.Count == 0 && Offsets.IsEmpty && !HasRecord;

    public bool IsConsumerGroup => ProtocolType == ConsumerProtocolType;

    public bool IsLeader(string memberId) => LeaderId == memberId;

    public void MoveTo(GroupState state, long now)
    {
        bool isValid = state switch
        {
            GroupState.Empty => State is GroupState.PreparingRebalance,
            GroupState.PreparingRebalance => State is GroupState.Stable or GroupState.CompletingRebalance or GroupState.Empty,
            GroupState.CompletingRebalance => State is GroupState.PreparingRebalance,
            GroupState.Stable => State is GroupState.CompletingRebalance,
            _ => true,
        };
        if (!isValid)
        {
            throw new InvalidOperationException($"Group {Id} can't go from {State} to {state}.");
        }

        (PreviousState, State, StateTimestamp) = (State, state, now);
    }

    /// <summary>Whether a member of this type with these protocols could be in the group.</summary>
    public bool Supports(string protocolType, IReadOnlyList<MemberProtocol> protocols) =>
        State == GroupState.Empty
            ? protocolType.Length > 0 && protocols.Count > 0
            : ProtocolType == protocolType && Members.HaveInCommonWith(protocols);

    public void Add(GroupMember member)
    {
        if (Members.Count == 0)
        {
            ProtocolType = member.ProtocolType;
        }

        Members.Add(member);
        LeaderId ??= member.Id;
    }

    /// <summary>Takes out a member or a pending id; if it led, another one does.</summary>
    public void Remove(string memberId)
    {
        Members.Remove(memberId);
        if (LeaderId == memberId)
        {
            LeaderId = Members.All.FirstOrDefault()?.Id;
        }
    }

    /// <summary>The same instance comes back under another member id (KIP-345), and takes over what is assigned to it, and the lead if it had it.</summary>
    public void Replace(GroupMember member, GroupMember successor)
    {
        bool isLeader = IsLeader(member.Id);
        successor.Assignment = member.Assignment;
        Members.Remove(member.Id);
        Members.Add(successor);
        LeaderId = isLeader ? successor.Id : LeaderId;
    }

    /// <summary>A leader that hasn't joined again gives way to a member that has. False where none has.</summary>
    public bool TryElectJoinedLeader()
    {
        if (LeaderId is null || Members.Find(LeaderId) is not { } leader)
        {
            return false;
        }

        if (leader.AwaitingJoin is null)
        {
            LeaderId = Members.All.FirstOrDefault(member => member.AwaitingJoin is not null)?.Id ?? LeaderId;
        }

        return Members.Find(LeaderId)!.AwaitingJoin is not null;
    }

    /// <summary>Whether the caller is who it says it is: None, UNKNOWN_MEMBER_ID, or FENCED_INSTANCE_ID where another one is that instance by now.</summary>
    public ErrorCode Validate(string memberId, string? instanceId)
    {
        if (instanceId is not null && Members.FindStatic(instanceId) is { } current && current != memberId)
        {
            return ErrorCode.FencedInstanceId;
        }

        bool isMember = Members.Contains(memberId) && (instanceId is null || Members.FindStatic(instanceId) is not null);
        return isMember ? ErrorCode.None : ErrorCode.UnknownMemberId;
    }

    /// <summary>The members that joined are the next generation; without members, the group is empty.</summary>
    public void StartGeneration(long now)
    {
        Generation++;
        ProtocolName = Members.Count == 0 ? null : Members.SelectProtocol();
        SubscribedTopics = FindSubscribedTopics();
        MoveTo(Members.Count == 0 ? GroupState.Empty : GroupState.CompletingRebalance, now);
        Members.WithoutSync.Clear();
    }

    /// <summary>Takes on what a record of the log says. The members are added by the caller, before.</summary>
    public void Restore(int generation, string? protocolType, string? protocolName, string? leaderId, long? stateTimestamp)
    {
        (Generation, ProtocolType, ProtocolName, LeaderId, StateTimestamp) = (generation, protocolType, protocolName, leaderId, stateTimestamp);
        State = Members.Count == 0 ? GroupState.Empty : GroupState.Stable;
        SubscribedTopics = FindSubscribedTopics();
    }

    public bool IsSubscribedTo(string topic) => SubscribedTopics?.Contains(topic) ?? IsConsumerGroup;

    private HashSet<string>? FindSubscribedTopics()
    {
        if (!IsConsumerGroup || (Members.Count > 0 && ProtocolName is null))
        {
            return null;
        }

        HashSet<string> topics = [];
        foreach (GroupMember member in Members.All)
        {
            if (!ConsumerSubscription.TryReadTopics(member.MetadataOf(ProtocolName!), topics))
            {
                return null;
            }
        }

        return topics;
    }
}
