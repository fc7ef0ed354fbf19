namespace Carousel.Wire;

/// <summary>Takes members out of a group: versions 0 to 5.</summary>
public sealed class LeaveGroupRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.LeaveGroup, VersionMin: 0, VersionMax: 5, FlexibleFrom: 4);

    public string GroupId { get; set; } = "";

    public string MemberId { get; set; } = "";

    public MemberIdentity[] Members { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        GroupId = visitor.String("GroupId", GroupId);

        if (version <= 2)
        {
            MemberId = visitor.String("MemberId", MemberId);
        }

        if (version >= 3)
        {
            Members = visitor.Array("Members", Members, version);
        }

        visitor.EndStruct(this, version);
    }

    public sealed class MemberIdentity : IMessage
    {
        public string MemberId { get; set; } = "";

        public string? GroupInstanceId { get; set; }

        public string? Reason { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            MemberId = visitor.String("MemberId", MemberId);
            GroupInstanceId = visitor.NullableString("GroupInstanceId", GroupInstanceId);

            if (version >= 5)
            {
                Reason = visitor.NullableString("Reason", Reason);
            }

            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="LeaveGroupRequest"/>
public sealed class LeaveGroupResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public MemberResponse[] Members { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 1)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);

        if (version >= 3)
        {
            Members = visitor.Array("Members", Members, version);
        }

        visitor.EndStruct(this, version);
    }

    public sealed class MemberResponse : IMessage
    {
        public string MemberId { get; set; } = "";

        public string? GroupInstanceId { get; set; } = "";

        public ErrorCode ErrorCode { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            MemberId = visitor.String("MemberId", MemberId);
            GroupInstanceId = visitor.NullableString("GroupInstanceId", GroupInstanceId);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            visitor.EndStruct(this, version);
        }
    }
}
