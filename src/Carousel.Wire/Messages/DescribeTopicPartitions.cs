namespace Carousel.Wire;

/// <summary>Tells the partitions of topics, in pages: version 0.</summary>
public sealed class DescribeTopicPartitionsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DescribeTopicPartitions, VersionMin: 0, VersionMax: 0, FlexibleFrom: 0);

    public TopicRequest[] Topics { get; set; } = [];

    public int ResponsePartitionLimit { get; set; } = 2000;

    public CursorValue? Cursor { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Topics = visitor.Array("Topics", Topics, version);
        ResponsePartitionLimit = visitor.Int32("ResponsePartitionLimit", ResponsePartitionLimit);
        Cursor = visitor.NullableStruct("Cursor", Cursor, version);
        visitor.EndStruct(this, version);
    }

    public sealed class TopicRequest : IMessage
    {
        public string Name { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class CursorValue : IMessage
    {
        public string TopicName { get; set; } = "";

        public int PartitionIndex { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            TopicName = visitor.String("TopicName", TopicName);
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="DescribeTopicPartitionsRequest"/>
public sealed class DescribeTopicPartitionsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public DescribeTopicPartitionsResponseTopic[] Topics { get; set; } = [];

    public Cursor? NextCursor { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Topics = visitor.Array("Topics", Topics, version);
        NextCursor = visitor.NullableStruct("NextCursor", NextCursor, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DescribeTopicPartitionsResponseTopic : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public string? Name { get; set; } = "";

        public Guid TopicId { get; set; }

        public bool IsInternal { get; set; }

        public DescribeTopicPartitionsResponsePartition[] Partitions { get; set; } = [];

        public int TopicAuthorizedOperations { get; set; } = int.MinValue;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            Name = visitor.NullableString("Name", Name);
            TopicId = visitor.Uuid("TopicId", TopicId);
            IsInternal = visitor.Boolean("IsInternal", IsInternal);
            Partitions = visitor.Array("Partitions", Partitions, version);
            TopicAuthorizedOperations = visitor.Int32("TopicAuthorizedOperations", TopicAuthorizedOperations);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class Cursor : IMessage
    {
        public string TopicName { get; set; } = "";

        public int PartitionIndex { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            TopicName = visitor.String("TopicName", TopicName);
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class DescribeTopicPartitionsResponsePartition : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public int PartitionIndex { get; set; }

        public int LeaderId { get; set; }

        public int LeaderEpoch { get; set; } = -1;

        public int[] ReplicaNodes { get; set; } = [];

        public int[] IsrNodes { get; set; } = [];

        public int[]? EligibleLeaderReplicas { get; set; }

        public int[]? LastKnownElr { get; set; }

        public int[] OfflineReplicas { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            LeaderId = visitor.Int32("LeaderId", LeaderId);
            LeaderEpoch = visitor.Int32("LeaderEpoch", LeaderEpoch);
            ReplicaNodes = visitor.Int32Array("ReplicaNodes", ReplicaNodes);
            IsrNodes = visitor.Int32Array("IsrNodes", IsrNodes);
            EligibleLeaderReplicas = visitor.NullableInt32Array("EligibleLeaderReplicas", EligibleLeaderReplicas);
            LastKnownElr = visitor.NullableInt32Array("LastKnownElr", LastKnownElr);
            OfflineReplicas = visitor.Int32Array("OfflineReplicas", OfflineReplicas);
            visitor.EndStruct(this, version);
        }
    }
}
