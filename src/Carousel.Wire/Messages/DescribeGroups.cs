namespace Carousel.Wire;

/// <summary>Tells the state and members of groups: versions 0 to 6.</summary>
public sealed class DescribeGroupsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DescribeGroups, VersionMin: 0, VersionMax: 6, FlexibleFrom: 5);

    public string[] Groups { get; set; } = [];

    public bool IncludeAuthorizedOperations { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Groups = visitor.StringArray("Groups", Groups);

        if (version >= 3)
        {
            IncludeAuthorizedOperations = visitor.Boolean("IncludeAuthorizedOperations", IncludeAuthorizedOperations);
        }

        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="DescribeGroupsRequest"/>
public sealed class DescribeGroupsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public DescribedGroup[] Groups { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 1)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        Groups = visitor.Array("Groups", Groups, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DescribedGroup : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; }

        public string GroupId { get; set; } = "";

        public string GroupState { get; set; } = "";

        public string ProtocolType { get; set; } = "";

        public string ProtocolData { get; set; } = "";

        public DescribedGroupMember[] Members { get; set; } = [];

        public int AuthorizedOperations { get; set; } = int.MinValue;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);

            if (version >= 6)
            {
                ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            }

            GroupId = visitor.String("GroupId", GroupId);
            GroupState = visitor.String("GroupState", GroupState);
            ProtocolType = visitor.String("ProtocolType", ProtocolType);
            ProtocolData = visitor.String("ProtocolData", ProtocolData);
            Members = visitor.Array("Members", Members, version);

            if (version >= 3)
            {
                AuthorizedOperations = visitor.Int32("AuthorizedOperations", AuthorizedOperations);
            }

            visitor.EndStruct(this, version);
        }
    }

    public sealed class DescribedGroupMember : IMessage
    {
        public string MemberId { get; set; } = "";

        public string? GroupInstanceId { get; set; }

        public string ClientId { get; set; } = "";

        public string ClientHost { get; set; } = "";

        public ReadOnlyMemory<byte> MemberMetadata { get; set; }

        public ReadOnlyMemory<byte> MemberAssignment { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            MemberId = visitor.String("MemberId", MemberId);

            if (version >= 4)
            {
                GroupInstanceId = visitor.NullableString("GroupInstanceId", GroupInstanceId);
            }

            ClientId = visitor.String("ClientId", ClientId);
            ClientHost = visitor.String("ClientHost", ClientHost);
            MemberMetadata = visitor.Bytes("MemberMetadata", MemberMetadata);
            MemberAssignment = visitor.Bytes("MemberAssignment", MemberAssignment);
            visitor.EndStruct(this, version);
        }
    }
}
