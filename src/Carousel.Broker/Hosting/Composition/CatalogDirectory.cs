using Carousel.Broker.Apis;
using Carousel.Broker.Topics;

namespace Carousel.Broker.Hosting.Composition;

/// <summary>The catalog as the APIs of groups need it.</summary>
internal sealed class CatalogDirectory(TopicCatalog topics) : ITopicDirectory
{
    public KnownTopic? Find(string name) => Known(topics.Find(name));

    public KnownTopic? Find(Guid id) => Known(topics.Find(id));

    private static KnownTopic? Known(Topic? topic) => topic is null ? null : new KnownTopic(topic.Name, topic.Id, topic.Partitions.Count);
}
