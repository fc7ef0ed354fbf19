namespace Carousel.Wire;

/// <summary>Changes single settings of topics and brokers: versions 0 to 1.</summary>
public sealed class IncrementalAlterConfigsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.IncrementalAlterConfigs, VersionMin: 0, VersionMax: 1, FlexibleFrom: 1);

    public AlterConfigsResource[] Resources { get; set; } = [];

    public bool ValidateOnly { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Resources = visitor.Array("Resources", Resources, version);
        ValidateOnly = visitor.Boolean("ValidateOnly", ValidateOnly);
        visitor.EndStruct(this, version);
    }

    public sealed class AlterConfigsResource : IMessage
    {
        public sbyte ResourceType { get; set; }

        public string ResourceName { get; set; } = "";

        public AlterableConfig[] Configs { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ResourceType = visitor.Int8("ResourceType", ResourceType);
            ResourceName = visitor.String("ResourceName", ResourceName);
            Configs = visitor.Array("Configs", Configs, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class AlterableConfig : IMessage
    {
        public string Name { get; set; } = "";

        public sbyte ConfigOperation { get; set; }

        public string? Value { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            ConfigOperation = visitor.Int8("ConfigOperation", ConfigOperation);
            Value = visitor.NullableString("Value", Value);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="IncrementalAlterConfigsRequest"/>
public sealed class IncrementalAlterConfigsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public AlterConfigsResourceResponse[] Responses { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Responses = visitor.Array("Responses", Responses, version);
        visitor.EndStruct(this, version);
    }

    public sealed class AlterConfigsResourceResponse : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; } = "";

        public sbyte ResourceType { get; set; }

        public string ResourceName { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            ResourceType = visitor.Int8("ResourceType", ResourceType);
            ResourceName = visitor.String("ResourceName", ResourceName);
            visitor.EndStruct(this, version);
        }
    }
}
