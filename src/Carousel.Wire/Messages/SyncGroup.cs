namespace Carousel.Wire;

/// <summary>Hands the leader's assignment in, and each member's out: versions 0 to 5.</summary>
public sealed class SyncGroupRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.SyncGroup, VersionMin: 0, VersionMax: 5, FlexibleFrom: 4);

    public string GroupId { get; set; } = "";

    public int GenerationId { get; set; }

    public string MemberId { get; set; } = "";

    public string? GroupInstanceId { get; set; }

    public string? ProtocolType { get; set; }

    public string? ProtocolName { get; set; }

    public SyncGroupRequestAssignment[] Assignments { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        GroupId = visitor.String("GroupId", GroupId);
        GenerationId = visitor.Int32("GenerationId", GenerationId);
        MemberId = visitor.String("MemberId", MemberId);

        if (version >= 3)
        {
            GroupInstanceId = visitor.NullableString("GroupInstanceId", GroupInstanceId);
        }

        if (version >= 5)
        {
            ProtocolType = visitor.NullableString("ProtocolType", ProtocolType);
            ProtocolName = visitor.NullableString("ProtocolName", ProtocolName);
        }

        Assignments = visitor.Array("Assignments", Assignments, version);
        visitor.EndStruct(this, version);
    }

    public sealed class SyncGroupRequestAssignment : IMessage
    {
        public string MemberId { get; set; } = "";

        public ReadOnlyMemory<byte> Assignment { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            MemberId = visitor.String("MemberId", MemberId);
            Assignment = visitor.Bytes("Assignment", Assignment);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="SyncGroupRequest"/>
public sealed class SyncGroupResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public string? ProtocolType { get; set; }

    public string? ProtocolName { get; set; }

    public ReadOnlyMemory<byte> Assignment { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 1)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);

        if (version >= 5)
        {
            ProtocolType = visitor.NullableString("ProtocolType", ProtocolType);
            ProtocolName = visitor.NullableString("ProtocolName", ProtocolName);
        }

        Assignment = visitor.Bytes("Assignment", Assignment);
        visitor.EndStruct(this, version);
    }
}
