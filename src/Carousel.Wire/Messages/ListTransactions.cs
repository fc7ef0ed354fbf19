namespace Carousel.Wire;

/// <summary>Lists the transactions of a coordinator: versions 0 to 2.</summary>
public sealed class ListTransactionsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.ListTransactions, VersionMin: 0, VersionMax: 2, FlexibleFrom: 0);

    public string[] StateFilters { get; set; } = [];

    public long[] ProducerIdFilters { get; set; } = [];

    public long DurationFilter { get; set; } = -1;

    public string? TransactionalIdPattern { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        StateFilters = visitor.StringArray("StateFilters", StateFilters);
        ProducerIdFilters = visitor.Int64Array("ProducerIdFilters", ProducerIdFilters);

        if (version >= 1)
        {
            DurationFilter = visitor.Int64("DurationFilter", DurationFilter);
        }

        if (version >= 2)
        {
            TransactionalIdPattern = visitor.NullableString("TransactionalIdPattern", TransactionalIdPattern);
        }

        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="ListTransactionsRequest"/>
public sealed class ListTransactionsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public string[] UnknownStateFilters { get; set; } = [];

    public TransactionStateValue[] TransactionStates { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        UnknownStateFilters = visitor.StringArray("UnknownStateFilters", UnknownStateFilters);
        TransactionStates = visitor.Array("TransactionStates", TransactionStates, version);
        visitor.EndStruct(this, version);
    }

    public sealed class TransactionStateValue : IMessage
    {
        public string TransactionalId { get; set; } = "";

        public long ProducerId { get; set; }

        public string TransactionState { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            TransactionalId = visitor.String("TransactionalId", TransactionalId);
            ProducerId = visitor.Int64("ProducerId", ProducerId);
            TransactionState = visitor.String("TransactionState", TransactionState);
            visitor.EndStruct(this, version);
        }
    }
}
