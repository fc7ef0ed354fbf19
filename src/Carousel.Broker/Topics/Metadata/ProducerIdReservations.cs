using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Topics.Metadata;

/// <summary>How far producer ids were given out in this data directory. Its caller sees to it that one reservation is made at a time.</summary>
internal sealed class ProducerIdReservations(MetadataLog log, long nextProducerId) : IProducerIdReservations
{
    /// <summary>The first id that was never reserved; 0 in a new directory.</summary>
    public long NextProducerId { get; private set; } = nextProducerId;

    /// <summary>Moves <see cref="NextProducerId"/> up, durably.</summary>
    /// <returns>None, or why it isn't durable: then the ids below mustn't be used.</returns>
    public async ValueTask<ErrorCode> ReserveAsync(long nextProducerId)
    {
        CatalogResult stored = await log.AppendAsync(new MetadataRecord.ProducerIds(nextProducerId));
        if (stored.Error == ErrorCode.None)
        {
            NextProducerId = nextProducerId;
        }

        return stored.Error;
    }
}
