using System.ComponentModel.DataAnnotations;
using Carousel.Broker.Log;

namespace Carousel.Broker.Partitions;

/// <summary>How a data directory is kept.</summary>
internal sealed class PartitionSetOptions
{
    /// <summary>The folder that holds all partitions; made if missing.</summary>
    [Required]
    public string DataDirectory { get; set; } = "";

    public FlushMode FlushMode { get; set; } = FlushMode.Fsync;

    /// <summary>Files flushed at the same time. 1 to 64; more than a few only queue in the disk.</summary>
    [Range(1, 64)]
    public int ParallelFlushes { get; set; } = 4;

    /// <summary>Partitions opened at the same time. 1 to 64.</summary>
    [Range(1, 64)]
    public int ParallelOpens { get; set; } = Math.Clamp(Environment.ProcessorCount * 2, 2, 16);

    /// <summary>How often retention, and the expiry of producers, is looked after. Kafka: log.retention.check.interval.ms, 5 minutes.</summary>
    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often recovery points are written: a crash costs a scan of what came after. Kafka: a minute.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often compaction looks for work. Kafka: log.cleaner.backoff.ms, 15 seconds.</summary>
    public TimeSpan CleanerInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Distinct keys that one pass of compaction remembers, of 32 bytes each; a partition with more takes several passes.</summary>
    [Range(1024, 1 << 26)]
    public int CleanerKeysMax { get; set; } = 1 << 20;

    /// <summary>How long a producer that doesn't write is remembered.</summary>
    public TimeSpan ProducerExpiry { get; set; } = TimeSpan.FromDays(7);
}
