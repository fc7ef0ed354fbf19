using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>One way of assigning partitions that a member supports, with what it tells the leader for that way.</summary>
internal sealed record MemberProtocol(string Name, byte[] Metadata);

/// <summary>Who a member is; for a static member (KIP-345) the instance id outlives the member id.</summary>
/// <param name="InstanceId">Null for a dynamic member.</param>
internal sealed record MemberIdentity(string MemberId, string? InstanceId, string ClientId, string ClientHost);

/// <summary>A member of a group (Kafka's <c>ClassicGroupMember</c>). The group's lock guards it.</summary>
internal sealed class GroupMember(MemberIdentity identity, string protocolType, IReadOnlyList<MemberProtocol> protocols, Deadline session)
{
    public MemberIdentity Identity { get; } = identity;

    public string Id => Identity.MemberId;

    public bool IsStatic => Identity.InstanceId is not null;

    public string ProtocolType { get; } = protocolType;

    /// <summary>In the order of the member's preference. Never empty.</summary>
    public IReadOnlyList<MemberProtocol> Protocols { get; set; } = protocols;

    public TimeSpan SessionTimeout { get; set; }

    public TimeSpan RebalanceTimeout { get; set; }

    /// <summary>What the leader assigned; opaque, and empty until then.</summary>
    public byte[] Assignment { get; set; } = [];

    /// <summary>The member has never been given a generation; it may not even know its member id.</summary>
    public bool IsNew { get; set; }

    /// <summary>The JoinGroup that waits for the others; null when none does. Changed by <see cref="GroupMembers"/>, which counts them.</summary>
    public TaskCompletionSource<JoinAnswer>? AwaitingJoin { get; set; }

    /// <summary>The SyncGroup that waits for the assignment; null when none does.</summary>
    public TaskCompletionSource<SyncAnswer>? AwaitingSync { get; private set; }

    public Deadline Session { get; } = session;

    /// <summary>
    /// A member whose request is parked can't send heartbeats, and doesn't have to. A new one may have gone without a trace while parked, and has to ask
    /// again in time.
    /// </summary>
    public bool IsExcusedFromHeartbeats => !IsNew && (AwaitingJoin is not null || AwaitingSync is not null);

    public byte[] MetadataOf(string protocol) =>
        Protocols.FirstOrDefault(supported => supported.Name == protocol)?.Metadata
        ?? throw new InvalidOperationException($"Member {Id} doesn't support protocol {protocol}, which its group has chosen.");

    /// <summary>The first of the member's protocols that is among the candidates.</summary>
    public string Vote(IReadOnlySet<string> candidates) =>
        Protocols.FirstOrDefault(supported => candidates.Contains(supported.Name))?.Name
        ?? throw new InvalidOperationException($"Member {Id} supports none of the protocols that all members support.");

    /// <summary>Whether the member says just what it said before.</summary>
    public bool HasSame(IReadOnlyList<MemberProtocol> protocols) =>
        Protocols.Count == protocols.Count
        && Protocols.Zip(protocols).All(pair => pair.First.Name == pair.Second.Name && pair.First.Metadata.AsSpan().SequenceEqual(pair.Second.Metadata));

    public void RenewSession() => Session.Set(SessionTimeout);

    /// <summary>Parks a SyncGroup until the leader has assigned. One that the member sent before is sent back, so that none waits for ever.</summary>
    public Task<SyncAnswer> ParkSync()
    {
        Answer(new SyncAnswer(ErrorCode.RebalanceInProgress));
        AwaitingSync = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return AwaitingSync.Task;
    }

    /// <summary>Answers the member's parked SyncGroup, if there is one.</summary>
    public void Answer(SyncAnswer answer)
    {
        AwaitingSync?.TrySetResult(answer);
        AwaitingSync = null;
    }
}
