using System.ComponentModel.DataAnnotations;

namespace Carousel.Broker.Topics;

/// <summary>How topics are made.</summary>
internal sealed class TopicCatalogOptions
{
    /// <summary>The id of the one node there is.</summary>
    public const int NodeId = 1;

    /// <summary>The node's name as a resource of configs.</summary>
    public const string NodeName = "1";

    /// <summary>num.partitions: partitions of a topic that is made without saying how many. Default 1, as Kafka's; 1 to 10,000.</summary>
    [Range(1, PartitionsPerRequestMax)]
    public int DefaultPartitionCount { get; set; } = 1;

    /// <summary>
    /// auto.create.topics.enable: a client that asks for a topic gets it made, if it wants that. Off by default: a misspelt name is better refused.
    /// </summary>
    public bool AutoCreateTopics { get; set; }

    /// <summary>
    /// Takes any replication factor for 1 instead of refusing it. Off by default, so that nobody believes in replicas that aren't there; for test suites
    /// written for clusters.
    /// </summary>
    public bool ClampReplicationFactor { get; set; }

    /// <summary>offsets.topic.num.partitions and transaction.state.log.num.partitions, when the data directory is made. Default 4; 1 to 50.</summary>
    [Range(1, 50)]
    public int CoordinatorPartitionCount { get; set; } = 4;

    /// <summary>All partitions together; each has open files. Default 20,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int PartitionsMax { get; set; } = 20_000;

    /// <summary>Partitions that one request may make (Kafka's MAX_PARTITIONS_PER_BATCH).</summary>
    public const int PartitionsPerRequestMax = 10_000;
}
