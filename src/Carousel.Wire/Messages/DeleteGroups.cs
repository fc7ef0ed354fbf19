namespace Carousel.Wire;

/// <summary>Deletes groups with their offsets: versions 0 to 2.</summary>
public sealed class DeleteGroupsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DeleteGroups, VersionMin: 0, VersionMax: 2, FlexibleFrom: 2);

    public string[] GroupsNames { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        GroupsNames = visitor.StringArray("GroupsNames", GroupsNames);
        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="DeleteGroupsRequest"/>
public sealed class DeleteGroupsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public DeletableGroupResult[] Results { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Results = visitor.Array("Results", Results, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DeletableGroupResult : IMessage
    {
        public string GroupId { get; set; } = "";

        public ErrorCode ErrorCode { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            GroupId = visitor.String("GroupId", GroupId);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            visitor.EndStruct(this, version);
        }
    }
}
