using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>The transaction coordinator, as far as a produce request needs it.</summary>
internal interface IImplicitPartitions
{
    /// <summary>Adds the partitions to the producer's transaction, before they are written to (KIP-890, part 2).</summary>
    ValueTask<ErrorCode> AddAsync(string transactionalId, long producerId, short producerEpoch, IReadOnlyCollection<TopicPartition> partitions);
}
