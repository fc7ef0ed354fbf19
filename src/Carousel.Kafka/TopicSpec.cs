namespace Carousel.Kafka;

/// <summary>A topic as it has to be.</summary>
/// <param name="Compacted">cleanup.policy=compact rather than delete.</param>
/// <param name="IsSmall">
/// A compacted topic that is read as a whole when something starts. Kafka never cleans the segment that it is writing to, which would grow to 1 GB: such a
/// topic gets segments of 1 MiB, the smallest that Kafka allows, and is cleaned when a tenth of it is out of date. Set on creation alone; it isn't checked.
/// </param>
public sealed record TopicSpec(string Name, int PartitionCount, bool Compacted, bool IsSmall = false);

/// <summary>A topic exists and isn't as it has to be. Nothing was altered.</summary>
public sealed class TopicMismatchException(string message) : Exception(message);
