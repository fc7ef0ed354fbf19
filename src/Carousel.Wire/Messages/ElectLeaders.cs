namespace Carousel.Wire;

/// <summary>Elects leaders of partitions: versions 0 to 2.</summary>
public sealed class ElectLeadersRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.ElectLeaders, VersionMin: 0, VersionMax: 2, FlexibleFrom: 2);

    public sbyte ElectionType { get; set; }

    public TopicPartitionsValue[]? TopicPartitions { get; set; } = [];

    public int TimeoutMs { get; set; } = 60000;

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 1)
        {
            ElectionType = visitor.Int8("ElectionType", ElectionType);
        }

        TopicPartitions = visitor.NullableArray("TopicPartitions", TopicPartitions, version);
        TimeoutMs = visitor.Int32("TimeoutMs", TimeoutMs);
        visitor.EndStruct(this, version);
    }

    public sealed class TopicPartitionsValue : IMessage
    {
        public string Topic { get; set; } = "";

        public int[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Topic = visitor.String("Topic", Topic);
            Partitions = visitor.Int32Array("Partitions", Partitions);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="ElectLeadersRequest"/>
public sealed class ElectLeadersResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public ReplicaElectionResult[] ReplicaElectionResults { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);

        if (version >= 1)
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        }

        ReplicaElectionResults = visitor.Array("ReplicaElectionResults", ReplicaElectionResults, version);
        visitor.EndStruct(this, version);
    }

    public sealed class ReplicaElectionResult : IMessage
    {
        public string Topic { get; set; } = "";

        public PartitionResult[] PartitionResult { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Topic = visitor.String("Topic", Topic);
            PartitionResult = visitor.Array("PartitionResult", PartitionResult, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class PartitionResult : IMessage
    {
        public int PartitionId { get; set; }

        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionId = visitor.Int32("PartitionId", PartitionId);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            visitor.EndStruct(this, version);
        }
    }
}
