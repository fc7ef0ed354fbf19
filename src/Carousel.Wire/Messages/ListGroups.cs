namespace Carousel.Wire;

/// <summary>Lists the groups of a broker: versions 0 to 5.</summary>
public sealed class ListGroupsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.ListGroups, VersionMin: 0, VersionMax: 5, FlexibleFrom: 3);

    public string[] StatesFilter { get; set; } = [];

    public string[] TypesFilter { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 4)
        {
            StatesFilter = visitor.StringArray("StatesFilter", StatesFilter);
        }

        if (version >= 5)
        {
            TypesFilter = visitor.StringArray("TypesFilter", TypesFilter);
        }

        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="ListGroupsRequest"/>
public sealed class ListGroupsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public ListedGroup[] Groups { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 1)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        Groups = visitor.Array("Groups", Groups, version);
        visitor.EndStruct(this, version);
    }

    public sealed class ListedGroup : IMessage
    {
        public string GroupId { get; set; } = "";

        public string ProtocolType { get; set; } = "";

        public string GroupState { get; set; } = "";

        public string GroupType { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            GroupId = visitor.String("GroupId", GroupId);
            ProtocolType = visitor.String("ProtocolType", ProtocolType);

            if (version >= 4)
            {
                GroupState = visitor.String("GroupState", GroupState);
            }

            if (version >= 5)
            {
                GroupType = visitor.String("GroupType", GroupType);
            }

            visitor.EndStruct(this, version);
        }
    }
}
