namespace Carousel.Wire;

/// <summary>Tells the state of transactions: version 0.</summary>
public sealed class DescribeTransactionsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DescribeTransactions, VersionMin: 0, VersionMax: 0, FlexibleFrom: 0);

    public string[] TransactionalIds { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        TransactionalIds = visitor.StringArray("TransactionalIds", TransactionalIds);
        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="DescribeTransactionsRequest"/>
public sealed class DescribeTransactionsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public TransactionStateValue[] TransactionStates { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        TransactionStates = visitor.Array("TransactionStates", TransactionStates, version);
        visitor.EndStruct(this, version);
    }

    public sealed class TransactionStateValue : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public string TransactionalId { get; set; } = "";

        public string TransactionState { get; set; } = "";

        public int TransactionTimeoutMs { get; set; }

        public long TransactionStartTimeMs { get; set; }

        public long ProducerId { get; set; }

        public short ProducerEpoch { get; set; }

        public TopicData[] Topics { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            TransactionalId = visitor.String("TransactionalId", TransactionalId);
            TransactionState = visitor.String("TransactionState", TransactionState);
            TransactionTimeoutMs = visitor.Int32("TransactionTimeoutMs", TransactionTimeoutMs);
            TransactionStartTimeMs = visitor.Int64("TransactionStartTimeMs", TransactionStartTimeMs);
            ProducerId = visitor.Int64("ProducerId", ProducerId);
            ProducerEpoch = visitor.Int16("ProducerEpoch", ProducerEpoch);
            Topics = visitor.Array("Topics", Topics, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class TopicData : IMessage
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
