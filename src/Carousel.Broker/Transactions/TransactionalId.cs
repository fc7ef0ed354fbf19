namespace Carousel.Broker.Transactions;

/// <summary>
/// One transactional id in memory. Whoever changes it is inside its gate, and writes to <c>__transaction_state</c> before publishing; anybody may look at
/// what is published.
/// </summary>
internal sealed class TransactionalId(string name, int partition)
{
    private volatile TransactionMetadata? _metadata;

    public string Name { get; } = name;

    /// <summary>The partition of <c>__transaction_state</c> that holds it.</summary>
    public int Partition { get; } = partition;

    public Gate Gate { get; } = new();

    /// <summary>Null until the first InitProducerId is on disk, and again once the id has expired.</summary>
    public TransactionMetadata? Metadata
    {
        get => _metadata;
        set => _metadata = value;
    }

    /// <summary>Expired: nothing may be written for it through this object any more. Read and set inside the gate.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Offset of the last record that ended a transaction and that nobody has waited for; -1 if there is none. Inside the gate.</summary>
    public long UnconfirmedEndOffset { get; set; } = -1;
}
