using Carousel.Wire;

namespace Carousel.Broker.Partitions;

/// <summary>
/// The transaction coordinator, as a partition sees it: asked before the first batch of a producer's transaction is appended (KIP-890, part 1), so that
/// no transaction can hang open that the coordinator will never end. It's called without any partition lock held.
/// </summary>
internal interface ITransactionVerifier
{
    /// <summary>
    /// <see cref="ErrorCode.None"/> if the producer's transaction is ongoing at this epoch and has this partition. Otherwise the error for the producer:
    /// <see cref="ErrorCode.InvalidProducerEpoch"/> for an old epoch, <see cref="ErrorCode.TransactionAbortable"/> for a partition that wasn't added,
    /// <see cref="ErrorCode.InvalidProducerIdMapping"/> for a producer that no transactional id has, or
    /// <see cref="ErrorCode.ConcurrentTransactions"/> while the previous transaction ends.
    /// </summary>
    ErrorCode Verify(long producerId, short producerEpoch, TopicPartition partition);
}
