namespace Carousel.Broker.Transactions;

/// <summary>
/// Where a transactional id stands; the numbers are those on disk (Kafka's <c>TransactionState</c>, whose Dead and PrepareEpochFence are never written and
/// have no counterpart here: an id that expires is removed under its gate, and a fenced transaction goes to <see cref="PrepareAbort"/> in one step).
/// </summary>
internal enum TransactionState : sbyte
{
    /// <summary>A producer has its id and epoch, and hasn't begun.</summary>
    Empty = 0,

    /// <summary>Begun; partitions are being added.</summary>
    Ongoing = 1,

    /// <summary>Decided for good: what is left is to say so in the partitions.</summary>
    PrepareCommit = 2,

    /// <inheritdoc cref="PrepareCommit"/>
    PrepareAbort = 3,

    /// <summary>Every partition has its marker.</summary>
    CompleteCommit = 4,

    /// <inheritdoc cref="CompleteCommit"/>
    CompleteAbort = 5,
}
