using Carousel.Broker.Partitions;

namespace Carousel.Broker.Apis;

/// <summary>A topic as producers and readers need it.</summary>
/// <param name="Partitions">By their number, from 0.</param>
/// <param name="IsInternal">Kept for the broker's coordinators.</param>
internal sealed record TopicEntry(string Name, Guid Id, IReadOnlyList<Partition> Partitions, bool IsInternal);

/// <summary>The topics there are now.</summary>
internal interface ITopicLookup
{
    TopicEntry? Find(string name);

    TopicEntry? Find(Guid id);
}
