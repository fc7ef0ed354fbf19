namespace Carousel.Kafka;

/// <summary>A topic as it has to be.</summary>
/// <param name="Compacted">cleanup.policy=compact rather than delete.</param>
public sealed record TopicSpec(string Name, int PartitionCount, bool Compacted);

/// <summary>A topic exists and isn't as it has to be. Nothing was altered.</summary>
public sealed class TopicMismatchException(string message) : Exception(message);
