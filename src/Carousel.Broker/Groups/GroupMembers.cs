using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>
/// Who is in a group, who is about to be, and what they have in common. The group's lock guards it. Every static member is in both maps, and the counts of
/// protocols are those of the members.
/// </summary>
internal sealed class GroupMembers
{
    private readonly Dictionary<string, GroupMember> _byId = [];
    private readonly Dictionary<string, string> _idByInstance = [];
    private readonly Dictionary<string, int> _supporters = [];

    public int Count => _byId.Count;

    public IReadOnlyCollection<GroupMember> All => _byId.Values;

    public int StaticCount => _idByInstance.Count;

    /// <summary>Ids that were given out and haven't joined yet (KIP-394), with the moment at which they are forgotten.</summary>
    public Dictionary<string, Deadline> Pending { get; } = [];

    /// <summary>Ids of members of this generation that haven't asked for their assignment yet.</summary>
    public HashSet<string> WithoutSync { get; } = [];

    /// <summary>Members whose JoinGroup is parked.</summary>
    public int AwaitingJoinCount { get; private set; }

    public bool HaveAllJoined => Pending.Count == 0 && AwaitingJoinCount == Count;

    /// <summary>The longest of all members' rebalance timeouts.</summary>
    public TimeSpan RebalanceTimeout => _byId.Values.Select(member => member.RebalanceTimeout).DefaultIfEmpty(TimeSpan.Zero).Max();

    public GroupMember? Find(string memberId) => _byId.GetValueOrDefault(memberId);

    public bool Contains(string memberId) => _byId.ContainsKey(memberId);

    /// <summary>The member id that a static member has now.</summary>
    public string? FindStatic(string instanceId) => _idByInstance.GetValueOrDefault(instanceId);

    public void Add(GroupMember member)
    {
        _byId.Add(member.Id, member);
        if (member.Identity.InstanceId is { } instanceId)
        {
            _idByInstance.Add(instanceId, member.Id);
        }

        AwaitingJoinCount += member.AwaitingJoin is null ? 0 : 1;
        CountSupport(member.Protocols, 1);
        if (Pending.Remove(member.Id, out Deadline? deadline))
        {
            deadline.Cancel();
        }
    }

    /// <summary>Takes out the member or the pending id, and whatever waits for it.</summary>
    public void Remove(string memberId)
    {
        WithoutSync.Remove(memberId);
        if (Pending.Remove(memberId, out Deadline? deadline))
        {
            deadline.Cancel();
        }

        if (_byId.Remove(memberId, out GroupMember? member))
        {
            AwaitingJoinCount -= member.AwaitingJoin is null ? 0 : 1;
            member.Session.Cancel();
            CountSupport(member.Protocols, -1);
            if (member.Identity.InstanceId is { } instanceId)
            {
                _idByInstance.Remove(instanceId);
            }
        }
    }

    /// <summary>Takes what the member says now in place of what it said before.</summary>
    public void Update(GroupMember member, IReadOnlyList<MemberProtocol> protocols, TimeSpan sessionTimeout, TimeSpan rebalanceTimeout)
    {
        CountSupport(member.Protocols, -1);
        member.Protocols = protocols;
        CountSupport(protocols, 1);
        member.SessionTimeout = sessionTimeout;
        member.RebalanceTimeout = rebalanceTimeout;
    }

    /// <summary>Parks a JoinGroup until the others have joined. One that the member sent before is sent back, so that none waits for ever.</summary>
    public Task<JoinAnswer> Park(GroupMember member)
    {
        Answer(member, new JoinAnswer(ErrorCode.RebalanceInProgress, member.Id));
        AwaitingJoinCount++;
        member.AwaitingJoin = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return member.AwaitingJoin.Task;
    }

    /// <summary>Answers the member's parked JoinGroup, if there is one.</summary>
    public void Answer(GroupMember member, JoinAnswer answer)
    {
        if (member.AwaitingJoin is { } parked)
        {
            AwaitingJoinCount--;
            member.AwaitingJoin = null;
            parked.TrySetResult(answer);
        }
    }

    /// <summary>Whether one of the protocols is supported by every member there is.</summary>
    public bool HaveInCommonWith(IReadOnlyList<MemberProtocol> protocols) =>
        protocols.Any(protocol => _supporters.GetValueOrDefault(protocol.Name) == Count);

    /// <summary>Each member votes for the first of its protocols that all support; the one with the most votes wins (Kafka's <c>selectProtocol</c>).</summary>
    public string SelectProtocol()
    {
        HashSet<string> candidates = [.. _supporters.Where(supporters => supporters.Value == Count).Select(supporters => supporters.Key)];
        return _byId.Values.CountBy(member => member.Vote(candidates)).MaxBy(votes => votes.Value).Key;
    }

    private void CountSupport(IReadOnlyList<MemberProtocol> protocols, int change)
    {
        foreach (MemberProtocol protocol in protocols)
        {
            int supporters = _supporters.GetValueOrDefault(protocol.Name) + change;
            if (supporters == 0)
            {
                _supporters.Remove(protocol.Name);
            }
            else
            {
                _supporters[protocol.Name] = supporters;
            }
        }
    }
}
