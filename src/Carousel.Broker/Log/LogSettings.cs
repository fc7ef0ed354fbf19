namespace Carousel.Broker.Log;

/// <summary>What becomes of old records; both may be on.</summary>
[Flags]
internal enum CleanupPolicies
{
    None = 0,
    Delete = 1,
    Compact = 2,
}

/// <summary>A topic's settings as its partitions need them; names and defaults are those of Kafka's topic configs. Immutable: replaced as a whole at run time.</summary>
internal sealed record LogSettings
{
    public static readonly LogSettings Default = new();

    /// <summary>cleanup.policy.</summary>
    public CleanupPolicies CleanupPolicy { get; init; } = CleanupPolicies.Delete;

    /// <summary>max.message.bytes: the largest record batch, compressed.</summary>
    public int MaxMessageBytes { get; init; } = 1_048_588;

    /// <summary>segment.bytes. After a crash the last segment of each partition is scanned, so a start takes longer the larger it is.</summary>
    public int SegmentBytes { get; init; } = 128 << 20;

    /// <summary>segment.ms: a segment takes no more records this long after its first.</summary>
    public TimeSpan SegmentAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>segment.index.bytes: a segment whose index would be larger ends.</summary>
    public int SegmentIndexBytes { get; init; } = 10 << 20;

    /// <summary>index.interval.bytes: one index entry in this many bytes of log.</summary>
    public int IndexIntervalBytes { get; init; } = 4096;

    /// <summary>retention.ms; null for ever.</summary>
    public TimeSpan? RetentionAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>retention.bytes; null without bound.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary>delete.retention.ms: how long compaction keeps a tombstone.</summary>
    public TimeSpan DeleteRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>min.compaction.lag.ms: younger records aren't compacted.</summary>
    public TimeSpan MinCompactionLag { get; init; } = TimeSpan.Zero;

    /// <summary>max.compaction.lag.ms: a record this old makes its partition due for compaction; null for never.</summary>
    public TimeSpan? MaxCompactionLag { get; init; }

    /// <summary>min.cleanable.dirty.ratio: the share of uncompacted bytes that makes a partition due.</summary>
    public double MinCleanableDirtyRatio { get; init; } = 0.5;

    /// <summary>message.timestamp.type: true stamps the broker's time on each batch.</summary>
    public bool IsLogAppendTime { get; init; }

    /// <summary>message.timestamp.before.max.ms: an older record is refused; null for never.</summary>
    public TimeSpan? TimestampBeforeMax { get; init; }

    /// <summary>message.timestamp.after.max.ms: a record further in the future is refused.</summary>
    public TimeSpan? TimestampAfterMax { get; init; } = TimeSpan.FromHours(1);

    public bool IsCompacted => (CleanupPolicy & CleanupPolicies.Compact) != 0;
}
