namespace Carousel.Wire;

/// <summary>Adds partitions to a transaction: versions 0 to 3.</summary>
public sealed class AddPartitionsToTxnRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.AddPartitionsToTxn, VersionMin: 0, VersionMax: 3, FlexibleFrom: 3);

    public string V3AndBelowTransactionalId { get; set; } = "";

    public long V3AndBelowProducerId { get; set; }

    public short V3AndBelowProducerEpoch { get; set; }

    public AddPartitionsToTxnTopic[] V3AndBelowTopics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        V3AndBelowTransactionalId = visitor.String("V3AndBelowTransactionalId", V3AndBelowTransactionalId);
        V3AndBelowProducerId = visitor.Int64("V3AndBelowProducerId", V3AndBelowProducerId);
        V3AndBelowProducerEpoch = visitor.Int16("V3AndBelowProducerEpoch", V3AndBelowProducerEpoch);
        V3AndBelowTopics = visitor.Array("V3AndBelowTopics", V3AndBelowTopics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class AddPartitionsToTxnTopic : IMessage
    {
        public string Name { get; set; } = "";

        public int[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Int32Array("Partitions", Partitions);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="AddPartitionsToTxnRequest"/>
public sealed class AddPartitionsToTxnResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public AddPartitionsToTxnTopicResult[] ResultsByTopicV3AndBelow { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        ResultsByTopicV3AndBelow = visitor.Array("ResultsByTopicV3AndBelow", ResultsByTopicV3AndBelow, version);
        visitor.EndStruct(this, version);
    }

    public sealed class AddPartitionsToTxnTopicResult : IMessage
    {
        public string Name { get; set; } = "";

        public AddPartitionsToTxnPartitionResult[] ResultsByPartition { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            ResultsByPartition = visitor.Array("ResultsByPartition", ResultsByPartition, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class AddPartitionsToTxnPartitionResult : IMessage
    {
        public int PartitionIndex { get; set; }

        public short PartitionErrorCode { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            PartitionErrorCode = visitor.Int16("PartitionErrorCode", PartitionErrorCode);
            visitor.EndStruct(this, version);
        }
    }
}
