namespace Carousel.Wire;

/// <summary>Tells brokers, topics, partitions and their leaders: versions 0 to 13.</summary>
public sealed class MetadataRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.Metadata, VersionMin: 0, VersionMax: 13, FlexibleFrom: 9);

    public MetadataRequestTopic[]? Topics { get; set; } = [];

    public bool AllowAutoTopicCreation { get; set; } = true;

    public bool IncludeClusterAuthorizedOperations { get; set; }

    public bool IncludeTopicAuthorizedOperations { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Topics = version >= 1 ? visitor.NullableArray("Topics", Topics, version) : visitor.Array("Topics", Topics!, version);

        if (version >= 4)
        {
            AllowAutoTopicCreation = visitor.Boolean("AllowAutoTopicCreation", AllowAutoTopicCreation);
        }

        if (version is >= 8 and <= 10)
        {
            IncludeClusterAuthorizedOperations = visitor.Boolean("IncludeClusterAuthorizedOperations", IncludeClusterAuthorizedOperations);
        }

        if (version >= 8)
        {
            IncludeTopicAuthorizedOperations = visitor.Boolean("IncludeTopicAuthorizedOperations", IncludeTopicAuthorizedOperations);
        }

        visitor.EndStruct(this, version);
    }

    public sealed class MetadataRequestTopic : IMessage
    {
        public Guid TopicId { get; set; }

        public string? Name { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            if (version >= 10)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            Name = version >= 10 ? visitor.NullableString("Name", Name) : visitor.String("Name", Name!);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="MetadataRequest"/>
public sealed class MetadataResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public MetadataResponseBroker[] Brokers { get; set; } = [];

    public string? ClusterId { get; set; }

    public int ControllerId { get; set; } = -1;

    public MetadataResponseTopic[] Topics { get; set; } = [];

    public int ClusterAuthorizedOperations { get; set; } = int.MinValue;

    public ErrorCode ErrorCode { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 3)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        Brokers = visitor.Array("Brokers", Brokers, version);

        if (version >= 2)
        {
            ClusterId = visitor.NullableString("ClusterId", ClusterId);
        }

        if (version >= 1)
        {
            ControllerId = visitor.Int32("ControllerId", ControllerId);
        }

        Topics = visitor.Array("Topics", Topics, version);

        if (version is >= 8 and <= 10)
        {
            ClusterAuthorizedOperations = visitor.Int32("ClusterAuthorizedOperations", ClusterAuthorizedOperations);
        }

        if (version >= 13)
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        }

        visitor.EndStruct(this, version);
    }

    public sealed class MetadataResponseBroker : IMessage
    {
        public int NodeId { get; set; }

        public string Host { get; set; } = "";

        public int Port { get; set; }

        public string? Rack { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            NodeId = visitor.Int32("NodeId", NodeId);
            Host = visitor.String("Host", Host);
            Port = visitor.Int32("Port", Port);

            if (version >= 1)
            {
                Rack = visitor.NullableString("Rack", Rack);
            }

            visitor.EndStruct(this, version);
        }
    }

    public sealed class MetadataResponseTopic : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public string? Name { get; set; } = "";

        public Guid TopicId { get; set; }

        public bool IsInternal { get; set; }

        public MetadataResponsePartition[] Partitions { get; set; } = [];

        public int TopicAuthorizedOperations { get; set; } = int.MinValue;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            Name = version >= 12 ? visitor.NullableString("Name", Name) : visitor.String("Name", Name!);

            if (version >= 10)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            if (version >= 1)
            {
                IsInternal = visitor.Boolean("IsInternal", IsInternal);
            }

            Partitions = visitor.Array("Partitions", Partitions, version);

            if (version >= 8)
            {
                TopicAuthorizedOperations = visitor.Int32("TopicAuthorizedOperations", TopicAuthorizedOperations);
            }

            visitor.EndStruct(this, version);
        }
    }

    public sealed class MetadataResponsePartition : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public int PartitionIndex { get; set; }

        public int LeaderId { get; set; }

        public int LeaderEpoch { get; set; } = -1;

        public int[] ReplicaNodes { get; set; } = [];

        public int[] IsrNodes { get; set; } = [];

        public int[] OfflineReplicas { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            LeaderId = visitor.Int32("LeaderId", LeaderId);

            if (version >= 7)
            {
                LeaderEpoch = visitor.Int32("LeaderEpoch", LeaderEpoch);
            }

            ReplicaNodes = visitor.Int32Array("ReplicaNodes", ReplicaNodes);
            IsrNodes = visitor.Int32Array("IsrNodes", IsrNodes);

            if (version >= 5)
            {
                OfflineReplicas = visitor.Int32Array("OfflineReplicas", OfflineReplicas);
            }

            visitor.EndStruct(this, version);
        }
    }
}
