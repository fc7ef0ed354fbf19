namespace Carousel.Wire;

/// <summary>A transactional id's state in __transaction_state: versions 0 to 1, flexible from 1.</summary>
public sealed class TransactionLogValue : ITaggedMessage
{
    public long ProducerId { get; set; }

    public long PreviousProducerId { get; set; } = -1;

    public long NextProducerId { get; set; } = -1;

    public short ProducerEpoch { get; set; }

    public short NextProducerEpoch { get; set; } = -1;

    public int TransactionTimeoutMs { get; set; }

    public sbyte TransactionStatus { get; set; }

    public PartitionsSchema[]? TransactionPartitions { get; set; } = [];

    public long TransactionLastUpdateTimestampMs { get; set; }

    public long TransactionStartTimestampMs { get; set; }

    public short ClientTransactionVersion { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ProducerId = visitor.Int64("ProducerId", ProducerId);
        ProducerEpoch = visitor.Int16("ProducerEpoch", ProducerEpoch);
        TransactionTimeoutMs = visitor.Int32("TransactionTimeoutMs", TransactionTimeoutMs);
        TransactionStatus = visitor.Int8("TransactionStatus", TransactionStatus);
        TransactionPartitions = visitor.NullableArray("TransactionPartitions", TransactionPartitions, version);
        TransactionLastUpdateTimestampMs = visitor.Int64("TransactionLastUpdateTimestampMs", TransactionLastUpdateTimestampMs);
        TransactionStartTimestampMs = visitor.Int64("TransactionStartTimestampMs", TransactionStartTimestampMs);
        visitor.EndStruct(this, version);
    }

    public uint TagsKnown(short version) =>
        (version >= 1 ? 1u << 0 : 0)
        | (version >= 1 ? 1u << 1 : 0)
        | (version >= 1 ? 1u << 2 : 0)
        | (version >= 1 ? 1u << 3 : 0);

    public uint TagsSet(short version) =>
        (version >= 1 && PreviousProducerId != -1 ? 1u << 0 : 0)
        | (version >= 1 && NextProducerId != -1 ? 1u << 1 : 0)
        | (version >= 1 && ClientTransactionVersion != 0 ? 1u << 2 : 0)
        | (version >= 1 && NextProducerEpoch != -1 ? 1u << 3 : 0);

    public void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        switch (tag)
        {
            case 0:
                PreviousProducerId = visitor.Int64("PreviousProducerId", PreviousProducerId);
                break;
            case 1:
                NextProducerId = visitor.Int64("NextProducerId", NextProducerId);
                break;
            case 2:
                ClientTransactionVersion = visitor.Int16("ClientTransactionVersion", ClientTransactionVersion);
                break;
            case 3:
                NextProducerEpoch = visitor.Int16("NextProducerEpoch", NextProducerEpoch);
                break;
        }
    }

    public sealed class PartitionsSchema : IMessage
    {
        public string Topic { get; set; } = "";

        public int[] PartitionIds { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Topic = visitor.String("Topic", Topic);
            PartitionIds = visitor.Int32Array("PartitionIds", PartitionIds);
            visitor.EndStruct(this, version);
        }
    }
}
