namespace Carousel.Wire;

/// <summary>Joins a group, or answers a rebalance: versions 0 to 9.</summary>
public sealed class JoinGroupRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.JoinGroup, VersionMin: 0, VersionMax: 9, FlexibleFrom: 6);

    public string GroupId { get; set; } = "";

    public int SessionTimeoutMs { get; set; }

    public int RebalanceTimeoutMs { get; set; } = -1;

    public string MemberId { get; set; } = "";

    public string? GroupInstanceId { get; set; }

    public string ProtocolType { get; set; } = "";

    public JoinGroupRequestProtocol[] Protocols { get; set; } = [];

    public string? Reason { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        GroupId = visitor.String("GroupId", GroupId);
        SessionTimeoutMs = visitor.Int32("SessionTimeoutMs", SessionTimeoutMs);

        if (version >= 1)
        {
            RebalanceTimeoutMs = visitor.Int32("RebalanceTimeoutMs", RebalanceTimeoutMs);
        }

        MemberId = visitor.String("MemberId", MemberId);

        if (version >= 5)
        {
            GroupInstanceId = visitor.NullableString("GroupInstanceId", GroupInstanceId);
        }

        ProtocolType = visitor.String("ProtocolType", ProtocolType);
        Protocols = visitor.Array("Protocols", Protocols, version);

        if (version >= 8)
        {
            Reason = visitor.NullableString("Reason", Reason);
        }

        visitor.EndStruct(this, version);
    }

    public sealed class JoinGroupRequestProtocol : IMessage
    {
        public string Name { get; set; } = "";

        public ReadOnlyMemory<byte> Metadata { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Metadata = visitor.Bytes("Metadata", Metadata);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="JoinGroupRequest"/>
public sealed class JoinGroupResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public int GenerationId { get; set; } = -1;

    public string? ProtocolType { get; set; }

    public string? ProtocolName { get; set; } = "";

    public string Leader { get; set; } = "";

    public bool SkipAssignment { get; set; }

    public string MemberId { get; set; } = "";

    public JoinGroupResponseMember[] Members { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 2)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        GenerationId = visitor.Int32("GenerationId", GenerationId);

        if (version >= 7)
        {
            ProtocolType = visitor.NullableString("ProtocolType", ProtocolType);
        }

        ProtocolName = version >= 7 ? visitor.NullableString("ProtocolName", ProtocolName) : visitor.String("ProtocolName", ProtocolName!);
        Leader = visitor.String("Leader", Leader);

        if (version >= 9)
        {
            SkipAssignment = visitor.Boolean("SkipAssignment", SkipAssignment);
        }

        MemberId = visitor.String("MemberId", MemberId);
        Members = visitor.Array("Members", Members, version);
        visitor.EndStruct(this, version);
    }

    public sealed class JoinGroupResponseMember : IMessage
    {
        public string MemberId { get; set; } = "";

        public string? GroupInstanceId { get; set; }

        public ReadOnlyMemory<byte> Metadata { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            MemberId = visitor.String("MemberId", MemberId);

            if (version >= 5)
            {
                GroupInstanceId = visitor.NullableString("GroupInstanceId", GroupInstanceId);
            }

            Metadata = visitor.Bytes("Metadata", Metadata);
            visitor.EndStruct(this, version);
        }
    }
}
