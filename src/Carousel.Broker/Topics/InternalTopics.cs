namespace Carousel.Broker.Topics;

/// <summary>The topics that coordinators keep their state in, with the configs that Kafka gives them.</summary>
internal static class InternalTopics
{
    private const string SegmentBytes = "104857600";

    public static IReadOnlyList<NewTopic> All(TopicCatalogOptions options) =>
    [
        Of(TopicName.ConsumerOffsets, options.CoordinatorPartitionCount),
        Of(TopicName.TransactionState, options.CoordinatorPartitionCount),
    ];

    private static NewTopic Of(string name, int partitionCount) => new(
        name,
        partitionCount,
        ReplicationFactor: 1,
        Assignments: [],
        [
            new("cleanup.policy", "compact"), new("compression.type", "producer"), new("segment.bytes", SegmentBytes),
        ]);
}
