namespace Carousel.Wire;

/// <summary>Lists partitions that are moving between brokers: version 0.</summary>
public sealed class ListPartitionReassignmentsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.ListPartitionReassignments, VersionMin: 0, VersionMax: 0, FlexibleFrom: 0);

    public int TimeoutMs { get; set; } = 60000;

    public ListPartitionReassignmentsTopics[]? Topics { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        TimeoutMs = visitor.Int32("TimeoutMs", TimeoutMs);
        Topics = visitor.NullableArray("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class ListPartitionReassignmentsTopics : IMessage
    {
        public string Name { get; set; } = "";

        public int[] PartitionIndexes { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            PartitionIndexes = visitor.Int32Array("PartitionIndexes", PartitionIndexes);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="ListPartitionReassignmentsRequest"/>
public sealed class ListPartitionReassignmentsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public string? ErrorMessage { get; set; } = "";

    public OngoingTopicReassignment[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class OngoingTopicReassignment : IMessage
    {
        public string Name { get; set; } = "";

        public OngoingPartitionReassignment[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OngoingPartitionReassignment : IMessage
    {
        public int PartitionIndex { get; set; }

        public int[] Replicas { get; set; } = [];

        public int[] AddingReplicas { get; set; } = [];

        public int[] RemovingReplicas { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            Replicas = visitor.Int32Array("Replicas", Replicas);
            AddingReplicas = visitor.Int32Array("AddingReplicas", AddingReplicas);
            RemovingReplicas = visitor.Int32Array("RemovingReplicas", RemovingReplicas);
            visitor.EndStruct(this, version);
        }
    }
}
