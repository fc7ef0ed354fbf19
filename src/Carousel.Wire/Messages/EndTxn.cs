namespace Carousel.Wire;

/// <summary>Commits or aborts a transaction: versions 0 to 5.</summary>
public sealed class EndTxnRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.EndTxn, VersionMin: 0, VersionMax: 5, FlexibleFrom: 3);

    public string TransactionalId { get; set; } = "";

    public long ProducerId { get; set; }

    public short ProducerEpoch { get; set; }

    public bool Committed { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        TransactionalId = visitor.String("TransactionalId", TransactionalId);
        ProducerId = visitor.Int64("ProducerId", ProducerId);
        ProducerEpoch = visitor.Int16("ProducerEpoch", ProducerEpoch);
        Committed = visitor.Boolean("Committed", Committed);
        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="EndTxnRequest"/>
public sealed class EndTxnResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public long ProducerId { get; set; } = -1;

    public short ProducerEpoch { get; set; } = -1;

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);

        if (version >= 5)
        {
            ProducerId = visitor.Int64("ProducerId", ProducerId);
            ProducerEpoch = visitor.Int16("ProducerEpoch", ProducerEpoch);
        }

        visitor.EndStruct(this, version);
    }
}
