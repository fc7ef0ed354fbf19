namespace Carousel.Broker.Log;

/// <summary>What the catalog says of a partition, as far as a check of its files needs it.</summary>
/// <param name="IsCompacted">Offsets may be missing; null where nobody knows the topic.</param>
/// <param name="IsVital">The broker reads all of it when it starts, and doesn't start without.</param>
internal readonly record struct PartitionKnowledge(bool? IsCompacted, bool IsVital);
