using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Finds what a request names, or the error that Kafka answers for it.</summary>
internal static class TopicLookups
{
    /// <summary>The topic by its id from the API version that has ids, by name before.</summary>
    public static ErrorCode TryFind(this TopicCatalog topics, bool isById, string name, Guid id, out Topic? topic)
    {
        topic = isById ? topics.Find(id) : topics.Find(name);
        return topic is not null ? ErrorCode.None : isById ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
    }

    public static Partition? Find(this Topic topic, int partition) =>
        partition >= 0 && partition < topic.Partitions.Count ? topic.Partitions[partition] : null;

    /// <summary>What a client believes of the leader's epoch: -1 for nothing. Epochs never change here (KIP-320).</summary>
    public static ErrorCode CheckLeaderEpoch(int believed) => believed switch
    {
        -1 or Partition.LeaderEpoch => ErrorCode.None,
        < Partition.LeaderEpoch => ErrorCode.FencedLeaderEpoch,
        _ => ErrorCode.UnknownLeaderEpoch,
    };
}
