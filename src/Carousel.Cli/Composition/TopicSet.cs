using Carousel.Kafka;
using Carousel.Orders;

namespace Carousel.Cli.Composition;

/// <summary>The topics of a pipeline as they have to be: what <c>carousel topics</c> makes and every service checks at its start.</summary>
internal static class TopicSet
{
    public static IReadOnlyList<TopicSpec> Of(CarouselTopics topics) =>
    [
        new(topics.Orders, CarouselTopics.PartitionCount, Compacted: false),
        new(topics.OrdersValidated, CarouselTopics.PartitionCount, Compacted: false),
        new(topics.OrdersFulfilled, CarouselTopics.PartitionCount, Compacted: false),
        new(topics.OrdersDeadLetters, CarouselTopics.PartitionCount, Compacted: false),
        new(topics.StageProgress, CarouselTopics.PartitionCount, Compacted: true, IsSmall: true),
    ];
}
