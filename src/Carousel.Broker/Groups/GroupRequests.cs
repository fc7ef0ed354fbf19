using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>A wish to be in the next generation of a group.</summary>
/// <param name="MemberId">Empty for a member that has none yet.</param>
/// <param name="InstanceId">Names a static member; null for a dynamic one.</param>
/// <param name="Protocols">Ways of assigning, in order of preference, with distinct names.</param>
internal sealed record GroupJoin(string GroupId, string MemberId, string? InstanceId, string ProtocolType, IReadOnlyList<MemberProtocol> Protocols)
{
    public string ClientId { get; init; } = "";

    public string ClientHost { get; init; } = "";

    public required TimeSpan SessionTimeout { get; init; }

    public required TimeSpan RebalanceTimeout { get; init; }

    /// <summary>A dynamic member is told its id first, and joins with it (KIP-394).</summary>
    public bool RequiresKnownMemberId { get; init; }

    /// <summary>A leader understands that there is nothing to assign (KIP-814).</summary>
    public bool SupportsSkippingAssignment { get; init; }

    /// <summary>Why the client joins, for people (KIP-800).</summary>
    public string? Reason { get; init; }
}

/// <param name="Members">All members, for the leader; empty for the others.</param>
internal sealed record JoinAnswer(ErrorCode Error, string MemberId)
{
    public int Generation { get; init; } = -1;

    public string? ProtocolType { get; init; }

    public string? ProtocolName { get; init; }

    /// <summary>Empty where there is none.</summary>
    public string LeaderId { get; init; } = "";

    public bool SkipAssignment { get; init; }

    public IReadOnlyList<JoinedMember> Members { get; init; } = [];
}

internal sealed record JoinedMember(string MemberId, string? InstanceId, byte[] Metadata);

/// <summary>Who a request speaks for: a member, in the generation that it knows.</summary>
/// <param name="Generation">-1 for one who isn't in the group.</param>
internal sealed record GroupCaller(string GroupId, string MemberId, string? InstanceId, int Generation);

/// <param name="Assignments">By member id; only the leader has any.</param>
/// <param name="ProtocolType">Null where the client doesn't say.</param>
/// <param name="ProtocolName">Null where the client doesn't say.</param>
internal sealed record GroupSync(GroupCaller Caller, IReadOnlyDictionary<string, byte[]> Assignments, string? ProtocolType, string? ProtocolName);

internal sealed record SyncAnswer(ErrorCode Error)
{
    public string? ProtocolType { get; init; }

    public string? ProtocolName { get; init; }

    public byte[] Assignment { get; init; } = [];
}

/// <summary>A member that is to leave: by its id, or a static one by its instance id alone.</summary>
internal sealed record Leaver(string MemberId, string? InstanceId, string? Reason);
