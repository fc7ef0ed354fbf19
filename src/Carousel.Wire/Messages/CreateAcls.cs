namespace Carousel.Wire;

/// <summary>Creates access rules: versions 1 to 3.</summary>
public sealed class CreateAclsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.CreateAcls, VersionMin: 1, VersionMax: 3, FlexibleFrom: 2);

    public AclCreation[] Creations { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Creations = visitor.Array("Creations", Creations, version);
        visitor.EndStruct(this, version);
    }

    public sealed class AclCreation : IMessage
    {
        public sbyte ResourceType { get; set; }

        public string ResourceName { get; set; } = "";

        public sbyte ResourcePatternType { get; set; } = 3;

        public string Principal { get; set; } = "";

        public string Host { get; set; } = "";

        public sbyte Operation { get; set; }

        public sbyte PermissionType { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ResourceType = visitor.Int8("ResourceType", ResourceType);
            ResourceName = visitor.String("ResourceName", ResourceName);
            ResourcePatternType = visitor.Int8("ResourcePatternType", ResourcePatternType);
            Principal = visitor.String("Principal", Principal);
            Host = visitor.String("Host", Host);
            Operation = visitor.Int8("Operation", Operation);
            PermissionType = visitor.Int8("PermissionType", PermissionType);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="CreateAclsRequest"/>
public sealed class CreateAclsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public AclCreationResult[] Results { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Results = visitor.Array("Results", Results, version);
        visitor.EndStruct(this, version);
    }

    public sealed class AclCreationResult : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            visitor.EndStruct(this, version);
        }
    }
}
