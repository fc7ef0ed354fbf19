namespace Carousel.Wire;

/// <summary>Deletes access rules: versions 1 to 3.</summary>
public sealed class DeleteAclsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DeleteAcls, VersionMin: 1, VersionMax: 3, FlexibleFrom: 2);

    public DeleteAclsFilter[] Filters { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Filters = visitor.Array("Filters", Filters, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DeleteAclsFilter : IMessage
    {
        public sbyte ResourceTypeFilter { get; set; }

        public string? ResourceNameFilter { get; set; } = "";

        public sbyte PatternTypeFilter { get; set; } = 3;

        public string? PrincipalFilter { get; set; } = "";

        public string? HostFilter { get; set; } = "";

        public sbyte Operation { get; set; }

        public sbyte PermissionType { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ResourceTypeFilter = visitor.Int8("ResourceTypeFilter", ResourceTypeFilter);
            ResourceNameFilter = visitor.NullableString("ResourceNameFilter", ResourceNameFilter);
            PatternTypeFilter = visitor.Int8("PatternTypeFilter", PatternTypeFilter);
            PrincipalFilter = visitor.NullableString("PrincipalFilter", PrincipalFilter);
            HostFilter = visitor.NullableString("HostFilter", HostFilter);
            Operation = visitor.Int8("Operation", Operation);
            PermissionType = visitor.Int8("PermissionType", PermissionType);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="DeleteAclsRequest"/>
public sealed class DeleteAclsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public DeleteAclsFilterResult[] FilterResults { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        FilterResults = visitor.Array("FilterResults", FilterResults, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DeleteAclsFilterResult : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; } = "";

        public DeleteAclsMatchingAcl[] MatchingAcls { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            MatchingAcls = visitor.Array("MatchingAcls", MatchingAcls, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class DeleteAclsMatchingAcl : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; } = "";

        public sbyte ResourceType { get; set; }

        public string ResourceName { get; set; } = "";

        public sbyte PatternType { get; set; } = 3;

        public string Principal { get; set; } = "";

        public string Host { get; set; } = "";

        public sbyte Operation { get; set; }

        public sbyte PermissionType { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            ResourceType = visitor.Int8("ResourceType", ResourceType);
            ResourceName = visitor.String("ResourceName", ResourceName);
            PatternType = visitor.Int8("PatternType", PatternType);
            Principal = visitor.String("Principal", Principal);
            Host = visitor.String("Host", Host);
            Operation = visitor.Int8("Operation", Operation);
            PermissionType = visitor.Int8("PermissionType", PermissionType);
            visitor.EndStruct(this, version);
        }
    }
}
