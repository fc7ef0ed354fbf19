namespace Carousel.Wire;

/// <summary>The key of a transactional id's state in __transaction_state: version 0.</summary>
public sealed class TransactionLogKey : IMessage
{
    public string TransactionalId { get; set; } = "";

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        TransactionalId = visitor.String("TransactionalId", TransactionalId);
        visitor.EndStruct(this, version);
    }
}
