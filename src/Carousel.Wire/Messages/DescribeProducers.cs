namespace Carousel.Wire;

/// <summary>Tells the producers that are active in partitions: version 0.</summary>
public sealed class DescribeProducersRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DescribeProducers, VersionMin: 0, VersionMax: 0, FlexibleFrom: 0);

    public TopicRequest[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class TopicRequest : IMessage
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

/// <inheritdoc cref="DescribeProducersRequest"/>
public sealed class DescribeProducersResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public TopicResponse[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class TopicResponse : IMessage
    {
        public string Name { get; set; } = "";

        public PartitionResponse[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class PartitionResponse : IMessage
    {
        public int PartitionIndex { get; set; }

        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; }

        public ProducerState[] ActiveProducers { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            ActiveProducers = visitor.Array("ActiveProducers", ActiveProducers, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class ProducerState : IMessage
    {
        public long ProducerId { get; set; }

        public int ProducerEpoch { get; set; }

        public int LastSequence { get; set; } = -1;

        public long LastTimestamp { get; set; } = -1;

        public int CoordinatorEpoch { get; set; }

        public long CurrentTxnStartOffset { get; set; } = -1;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ProducerId = visitor.Int64("ProducerId", ProducerId);
            ProducerEpoch = visitor.Int32("ProducerEpoch", ProducerEpoch);
            LastSequence = visitor.Int32("LastSequence", LastSequence);
            LastTimestamp = visitor.Int64("LastTimestamp", LastTimestamp);
            CoordinatorEpoch = visitor.Int32("CoordinatorEpoch", CoordinatorEpoch);
            CurrentTxnStartOffset = visitor.Int64("CurrentTxnStartOffset", CurrentTxnStartOffset);
            visitor.EndStruct(this, version);
        }
    }
}
