namespace Carousel.Wire;

/// <summary>Gives a producer its id and epoch, and settles what its predecessor left: versions 0 to 6.</summary>
public sealed class InitProducerIdRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.InitProducerId, VersionMin: 0, VersionMax: 6, FlexibleFrom: 2);

    public string? TransactionalId { get; set; } = "";

    public int TransactionTimeoutMs { get; set; }

    public long ProducerId { get; set; } = -1;

    public short ProducerEpoch { get; set; } = -1;

    public bool Enable2Pc { get; set; }

    public bool KeepPreparedTxn { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        TransactionalId = visitor.NullableString("TransactionalId", TransactionalId);
        TransactionTimeoutMs = visitor.Int32("TransactionTimeoutMs", TransactionTimeoutMs);

        if (version >= 3)
        {
            ProducerId = visitor.Int64("ProducerId", ProducerId);
            ProducerEpoch = visitor.Int16("ProducerEpoch", ProducerEpoch);
        }

        if (version >= 6)
        {
            Enable2Pc = visitor.Boolean("Enable2Pc", Enable2Pc);
            KeepPreparedTxn = visitor.Boolean("KeepPreparedTxn", KeepPreparedTxn);
        }

        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="InitProducerIdRequest"/>
public sealed class InitProducerIdResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public long ProducerId { get; set; } = -1;

    public short ProducerEpoch { get; set; }

    public long OngoingTxnProducerId { get; set; } = -1;

    public short OngoingTxnProducerEpoch { get; set; } = -1;

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        ProducerId = visitor.Int64("ProducerId", ProducerId);
        ProducerEpoch = visitor.Int16("ProducerEpoch", ProducerEpoch);

        if (version >= 6)
        {
            OngoingTxnProducerId = visitor.Int64("OngoingTxnProducerId", OngoingTxnProducerId);
            OngoingTxnProducerEpoch = visitor.Int16("OngoingTxnProducerEpoch", OngoingTxnProducerEpoch);
        }

        visitor.EndStruct(this, version);
    }
}
