namespace Carousel.Wire;

/// <summary>Adds a group's offsets to a transaction: versions 0 to 4.</summary>
public sealed class AddOffsetsToTxnRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.AddOffsetsToTxn, VersionMin: 0, VersionMax: 4, FlexibleFrom: 3);

    public string TransactionalId { get; set; } = "";

    public long ProducerId { get; set; }

    public short ProducerEpoch { get; set; }

    public string GroupId { get; set; } = "";

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        TransactionalId = visitor.String("TransactionalId", TransactionalId);
        ProducerId = visitor.Int64("ProducerId", ProducerId);
        ProducerEpoch = visitor.Int16("ProducerEpoch", ProducerEpoch);
        GroupId = visitor.String("GroupId", GroupId);
        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="AddOffsetsToTxnRequest"/>
public sealed class AddOffsetsToTxnResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        visitor.EndStruct(this, version);
    }
}
