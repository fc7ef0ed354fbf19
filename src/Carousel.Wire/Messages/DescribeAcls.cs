namespace Carousel.Wire;

/// <summary>Lists access rules: versions 1 to 3.</summary>
public sealed class DescribeAclsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DescribeAcls, VersionMin: 1, VersionMax: 3, FlexibleFrom: 2);

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

/// <inheritdoc cref="DescribeAclsRequest"/>
public sealed class DescribeAclsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public string? ErrorMessage { get; set; } = "";

    public DescribeAclsResource[] Resources { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
        Resources = visitor.Array("Resources", Resources, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DescribeAclsResource : IMessage
    {
        public sbyte ResourceType { get; set; }

        public string ResourceName { get; set; } = "";

        public sbyte PatternType { get; set; } = 3;

        public AclDescription[] Acls { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ResourceType = visitor.Int8("ResourceType", ResourceType);
            ResourceName = visitor.String("ResourceName", ResourceName);
            PatternType = visitor.Int8("PatternType", PatternType);
            Acls = visitor.Array("Acls", Acls, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class AclDescription : IMessage
    {
        public string Principal { get; set; } = "";

        public string Host { get; set; } = "";

        public sbyte Operation { get; set; }

        public sbyte PermissionType { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Principal = visitor.String("Principal", Principal);
            Host = visitor.String("Host", Host);
            Operation = visitor.Int8("Operation", Operation);
            PermissionType = visitor.Int8("PermissionType", PermissionType);
            visitor.EndStruct(this, version);
        }
    }
}
