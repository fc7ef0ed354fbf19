namespace Carousel.Wire;

/// <summary>Creates topics: versions 2 to 7.</summary>
public sealed class CreateTopicsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.CreateTopics, VersionMin: 2, VersionMax: 7, FlexibleFrom: 5);

    public CreatableTopic[] Topics { get; set; } = [];

    public int TimeoutMs { get; set; } = 60000;

    public bool ValidateOnly { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Topics = visitor.Array("Topics", Topics, version);
        TimeoutMs = visitor.Int32("timeoutMs", TimeoutMs);
        ValidateOnly = visitor.Boolean("validateOnly", ValidateOnly);
        visitor.EndStruct(this, version);
    }

    public sealed class CreatableTopic : IMessage
    {
        public string Name { get; set; } = "";

        public int NumPartitions { get; set; }

        public short ReplicationFactor { get; set; }

        public CreatableReplicaAssignment[] Assignments { get; set; } = [];

        public CreatableTopicConfig[] Configs { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            NumPartitions = visitor.Int32("NumPartitions", NumPartitions);
            ReplicationFactor = visitor.Int16("ReplicationFactor", ReplicationFactor);
            Assignments = visitor.Array("Assignments", Assignments, version);
            Configs = visitor.Array("Configs", Configs, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class CreatableReplicaAssignment : IMessage
    {
        public int PartitionIndex { get; set; }

        public int[] BrokerIds { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            BrokerIds = visitor.Int32Array("BrokerIds", BrokerIds);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class CreatableTopicConfig : IMessage
    {
        public string Name { get; set; } = "";

        public string? Value { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Value = visitor.NullableString("Value", Value);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="CreateTopicsRequest"/>
public sealed class CreateTopicsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public CreatableTopicResult[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class CreatableTopicResult : ITaggedMessage
    {
        public string Name { get; set; } = "";

        public Guid TopicId { get; set; }

        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; } = "";

        public short TopicConfigErrorCode { get; set; }

        public int NumPartitions { get; set; } = -1;

        public short ReplicationFactor { get; set; } = -1;

        public CreatableTopicConfigs[]? Configs { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);

            if (version >= 7)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);

            if (version >= 5)
            {
                NumPartitions = visitor.Int32("NumPartitions", NumPartitions);
                ReplicationFactor = visitor.Int16("ReplicationFactor", ReplicationFactor);
                Configs = visitor.NullableArray("Configs", Configs, version);
            }

            visitor.EndStruct(this, version);
        }

        public uint TagsKnown(short version) => version >= 5 ? 1u << 0 : 0;

        public uint TagsSet(short version) => version >= 5 && TopicConfigErrorCode != 0 ? 1u << 0 : 0;

        public void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            switch (tag)
            {
                case 0:
                    TopicConfigErrorCode = visitor.Int16("TopicConfigErrorCode", TopicConfigErrorCode);
                    break;
            }
        }
    }

    public sealed class CreatableTopicConfigs : IMessage
    {
        public string Name { get; set; } = "";

        public string? Value { get; set; } = "";

        public bool ReadOnly { get; set; }

        public sbyte ConfigSource { get; set; } = -1;

        public bool IsSensitive { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Value = visitor.NullableString("Value", Value);
            ReadOnly = visitor.Boolean("ReadOnly", ReadOnly);
            ConfigSource = visitor.Int8("ConfigSource", ConfigSource);
            IsSensitive = visitor.Boolean("IsSensitive", IsSensitive);
            visitor.EndStruct(this, version);
        }
    }
}
