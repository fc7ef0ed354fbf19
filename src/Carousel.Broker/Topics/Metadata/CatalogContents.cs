using Carousel.Broker.Topics.Configs;

namespace Carousel.Broker.Topics.Metadata;

/// <summary>What the catalog's log says, once every record was taken in its order.</summary>
/// <param name="Topics">Those that are there, and those that are being deleted.</param>
/// <param name="NextProducerId">The first producer id that was never reserved.</param>
internal sealed record CatalogContents(
    IReadOnlyDictionary<Guid, TopicFacts> Topics, ConfigOverrides PerBroker, ConfigOverrides ClusterDefault, long NextProducerId)
{
    public static CatalogContents Replay(IEnumerable<MetadataRecord> records)
    {
        var topics = new Dictionary<Guid, TopicFacts>();
        (ConfigOverrides perBroker, ConfigOverrides clusterDefault) = (ConfigOverrides.None, ConfigOverrides.None);
        long nextProducerId = 0;
        foreach (MetadataRecord record in records)
        {
            switch (record)
            {
                case MetadataRecord.Topic { Facts: { } facts } topic:
                    topics[topic.Id] = facts;
                    break;
                case MetadataRecord.Topic topic:
                    topics.Remove(topic.Id);
                    break;
                case MetadataRecord.BrokerConfigs { Broker: "" } all:
                    clusterDefault = all.Configs;
                    break;
                case MetadataRecord.BrokerConfigs one:
                    perBroker = one.Configs;
                    break;
                case MetadataRecord.ProducerIds ids:
                    nextProducerId = ids.Next;
                    break;
            }
        }

        return new CatalogContents(topics, perBroker, clusterDefault, nextProducerId);
    }
}
