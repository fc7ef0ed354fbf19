using Carousel.Broker.Partitions;
using Carousel.Broker.Topics.Configs;
using Carousel.Wire;

namespace Carousel.Broker.Topics;

/// <summary>A topic as it is now. Immutable: a change makes another.</summary>
/// <param name="Id">Never zero.</param>
/// <param name="Partitions">By their number, from 0.</param>
/// <param name="IsInternal">Kept for the broker's coordinators.</param>
internal sealed record Topic(string Name, Guid Id, IReadOnlyList<Partition> Partitions, bool IsInternal, TopicConfigs Configs);

/// <summary>A topic to be made.</summary>
/// <param name="PartitionCount">-1 for the broker's default, and where replicas are assigned.</param>
/// <param name="ReplicationFactor">-1 for the default, and where replicas are assigned.</param>
/// <param name="Assignments">The brokers of each partition, by its number; empty for the broker to choose.</param>
/// <param name="Configs">The topic's own configs; a value of null is refused.</param>
internal sealed record NewTopic(
    string Name,
    int PartitionCount,
    short ReplicationFactor,
    IReadOnlyList<(int Partition, IReadOnlyList<int> Brokers)> Assignments,
    IReadOnlyList<KeyValuePair<string, string?>> Configs)
{
    /// <summary>A topic as the broker's defaults make it.</summary>
    public static NewTopic WithDefaults(string name) => new(name, -1, -1, [], []);
}

/// <summary>What became of a topic that was to be made, or only to be checked.</summary>
/// <param name="Reason">For people; null without an error.</param>
/// <param name="Configs">Null with an error.</param>
internal readonly record struct TopicCreation(ErrorCode Error, string? Reason, Guid Id, int PartitionCount, TopicConfigs? Configs)
{
    public bool IsSuccess => Error == ErrorCode.None;

    public static TopicCreation Refused(ErrorCode error, string reason) => new(error, reason, Guid.Empty, -1, null);
}

/// <summary>What became of a change of the catalog.</summary>
/// <param name="Reason">For people; null without an error.</param>
internal readonly record struct CatalogResult(ErrorCode Error, string? Reason)
{
    public static readonly CatalogResult Done = new(ErrorCode.None, null);
}
