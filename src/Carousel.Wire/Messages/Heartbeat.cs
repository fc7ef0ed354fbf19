namespace Carousel.Wire;

/// <summary>Keeps a member in its group, and tells it of a rebalance: versions 0 to 4.</summary>
public sealed class HeartbeatRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.Heartbeat, VersionMin: 0, VersionMax: 4, FlexibleFrom: 4);

    public string GroupId { get; set; } = "";

    public int GenerationId { get; set; }

    public string MemberId { get; set; } = "";

    public string? GroupInstanceId { get; set; }

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

        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="HeartbeatRequest"/>
public sealed class HeartbeatResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 1)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        visitor.EndStruct(this, version);
    }
}
