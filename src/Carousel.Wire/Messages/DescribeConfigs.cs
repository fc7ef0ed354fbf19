namespace Carousel.Wire;

/// <summary>Tells the settings of topics and brokers, with their sources: versions 1 to 4.</summary>
public sealed class DescribeConfigsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DescribeConfigs, VersionMin: 1, VersionMax: 4, FlexibleFrom: 4);

    public DescribeConfigsResource[] Resources { get; set; } = [];

    public bool IncludeSynonyms { get; set; }

    public bool IncludeDocumentation { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Resources = visitor.Array("Resources", Resources, version);
        IncludeSynonyms = visitor.Boolean("IncludeSynonyms", IncludeSynonyms);

        if (version >= 3)
        {
            IncludeDocumentation = visitor.Boolean("IncludeDocumentation", IncludeDocumentation);
        }

        visitor.EndStruct(this, version);
    }

    public sealed class DescribeConfigsResource : IMessage
    {
        public sbyte ResourceType { get; set; }

        public string ResourceName { get; set; } = "";

        public string[]? ConfigurationKeys { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ResourceType = visitor.Int8("ResourceType", ResourceType);
            ResourceName = visitor.String("ResourceName", ResourceName);
            ConfigurationKeys = visitor.NullableStringArray("ConfigurationKeys", ConfigurationKeys);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="DescribeConfigsRequest"/>
public sealed class DescribeConfigsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public DescribeConfigsResult[] Results { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Results = visitor.Array("Results", Results, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DescribeConfigsResult : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; } = "";

        public sbyte ResourceType { get; set; }

        public string ResourceName { get; set; } = "";

        public DescribeConfigsResourceResult[] Configs { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            ResourceType = visitor.Int8("ResourceType", ResourceType);
            ResourceName = visitor.String("ResourceName", ResourceName);
            Configs = visitor.Array("Configs", Configs, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class DescribeConfigsResourceResult : IMessage
    {
        public string Name { get; set; } = "";

        public string? Value { get; set; } = "";

        public bool ReadOnly { get; set; }

        public sbyte ConfigSource { get; set; } = -1;

        public bool IsSensitive { get; set; }

        public DescribeConfigsSynonym[] Synonyms { get; set; } = [];

        public sbyte ConfigType { get; set; }

        public string? Documentation { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Value = visitor.NullableString("Value", Value);
            ReadOnly = visitor.Boolean("ReadOnly", ReadOnly);
            ConfigSource = visitor.Int8("ConfigSource", ConfigSource);
            IsSensitive = visitor.Boolean("IsSensitive", IsSensitive);
            Synonyms = visitor.Array("Synonyms", Synonyms, version);

            if (version >= 3)
            {
                ConfigType = visitor.Int8("ConfigType", ConfigType);
                Documentation = visitor.NullableString("Documentation", Documentation);
            }

            visitor.EndStruct(this, version);
        }
    }

    public sealed class DescribeConfigsSynonym : IMessage
    {
        public string Name { get; set; } = "";

        public string? Value { get; set; } = "";

        public sbyte Source { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Value = visitor.NullableString("Value", Value);
            Source = visitor.Int8("Source", Source);
            visitor.EndStruct(this, version);
        }
    }
}
