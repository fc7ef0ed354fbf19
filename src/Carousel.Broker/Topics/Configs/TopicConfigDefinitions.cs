using System.Collections.Frozen;

namespace Carousel.Broker.Topics.Configs;

/// <summary>
/// The configs of a topic, with the names, kinds, defaults and limits of Kafka 4.2 (its classes TopicConfig and LogConfig). All can be set and are kept;
/// the documentation of each says what it does here.
/// </summary>
internal static class TopicConfigDefinitions
{
    private const string Replicated = "Kept and shown; without effect, because there are no replicas.";
    private const string Tiered = "Kept and shown; without effect, because there is no tiered storage.";
    private const string AsReceived = "Kept and shown; without effect, because batches are stored as producers compressed them.";
    private const string ByHighWatermark = "Kept and shown; without effect, because the broker flushes by its own flush mode.";

    public static readonly IReadOnlyList<ConfigDefinition> All =
    [
        Of("cleanup.policy", ConfigKind.List, "delete", "log.cleanup.policy", ConfigRule.EachOneOf("compact", "delete"),
            "What becomes of old records: delete removes old segments, compact keeps the last record of each key; both may be on, or none."),
        Of("compression.gzip.level", ConfigKind.Int, "-1", "compression.gzip.level", ConfigRule.EqualOrBetween(-1, 1, 9), AsReceived),
        Of("compression.lz4.level", ConfigKind.Int, "9", "compression.lz4.level", ConfigRule.Between(1, 17), AsReceived),
        Of("compression.type", ConfigKind.String, "producer", "compression.type",
            ConfigRule.OneOf("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"), AsReceived),
        Of("compression.zstd.level", ConfigKind.Int, "3", "compression.zstd.level", ConfigRule.Between(-131072, 22), AsReceived),
        Of("delete.retention.ms", ConfigKind.Long, "86400000", "log.cleaner.delete.retention.ms", ConfigRule.AtLeast(0),
            "How long compaction keeps a record without value, so that readers see the deletion."),
        Of("file.delete.delay.ms", ConfigKind.Long, "60000", "log.segment.delete.delay.ms", ConfigRule.AtLeast(0),
            "Kept and shown; without effect, because files are removed as soon as nobody reads them."),
        Of("flush.messages", ConfigKind.Long, "9223372036854775807", "log.flush.interval.messages", ConfigRule.AtLeast(1), ByHighWatermark),
        Of("flush.ms", ConfigKind.Long, "9223372036854775807", "log.flush.interval.ms", ConfigRule.AtLeast(0), ByHighWatermark),
        Of("follower.replication.throttled.replicas", ConfigKind.List, "", null, ConfigRule.ThrottledReplicas, Replicated),
        Of("index.interval.bytes", ConfigKind.Int, "4096", "log.index.interval.bytes", ConfigRule.AtLeast(0),
            "One index entry is made in this many bytes of log."),
        Of("internal.segment.bytes", ConfigKind.Int, null, null, ConfigRule.AtLeast(14), "Wins over segment.bytes, and allows smaller segments: for tests.")
            with { IsHidden = true },
        Of("leader.replication.throttled.replicas", ConfigKind.List, "", null, ConfigRule.ThrottledReplicas, Replicated),
        Of("local.retention.bytes", ConfigKind.Long, "-2", "log.local.retention.bytes", ConfigRule.AtLeast(-2), Tiered),
        Of("local.retention.ms", ConfigKind.Long, "-2", "log.local.retention.ms", ConfigRule.AtLeast(-2), Tiered),
        Of("max.compaction.lag.ms", ConfigKind.Long, "9223372036854775807", "log.cleaner.max.compaction.lag.ms", ConfigRule.AtLeast(1),
            "A record of this age makes its partition due for compaction, however few records are new."),
        Of("max.message.bytes", ConfigKind.Int, "1048588", "message.max.bytes", ConfigRule.AtLeast(0), "The largest record batch, compressed."),
        Of("message.timestamp.after.max.ms", ConfigKind.Long, "3600000", "log.message.timestamp.after.max.ms", ConfigRule.AtLeast(0),
            "A record further in the future than this is refused."),
        Of("message.timestamp.before.max.ms", ConfigKind.Long, "9223372036854775807", "log.message.timestamp.before.max.ms", ConfigRule.AtLeast(0),
            "A record older than this is refused."),
        Of("message.timestamp.type", ConfigKind.String, "CreateTime", "log.message.timestamp.type", ConfigRule.OneOf("CreateTime", "LogAppendTime"),
            "Whose time a record has: the producer's, or the broker's when it was appended."),
        Of("min.cleanable.dirty.ratio", ConfigKind.Double, "0.5", "log.cleaner.min.cleanable.ratio", ConfigRule.Between(0, 1),
            "The share of bytes not compacted yet that makes a partition due for compaction."),
        Of("min.compaction.lag.ms", ConfigKind.Long, "0", "log.cleaner.min.compaction.lag.ms", ConfigRule.AtLeast(0), "Younger records aren't compacted."),
        Of("min.insync.replicas", ConfigKind.Int, "1", "min.insync.replicas", ConfigRule.AtLeast(1), Replicated),
        Of("preallocate", ConfigKind.Boolean, "false", "log.preallocate", ConfigRule.Any,
            "Kept and shown; without effect, because the broker decides by itself what it preallocates."),
        Of("remote.log.copy.disable", ConfigKind.Boolean, "false", null, ConfigRule.Any, Tiered),
        Of("remote.log.delete.on.disable", ConfigKind.Boolean, "false", null, ConfigRule.Any, Tiered),
        Of("remote.storage.enable", ConfigKind.Boolean, "false", null,
            ConfigRule.OnlyFalse("Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."), Tiered),
        Of("retention.bytes", ConfigKind.Long, "-1", "log.retention.bytes", ConfigRule.Any,
            "Old segments go while a partition is larger than this; -1 sets no bound."),
        Of("retention.ms", ConfigKind.Long, "604800000", "log.retention.ms", ConfigRule.AtLeast(-1), "Segments go when all their records are older; -1 keeps them."),
        Of("segment.bytes", ConfigKind.Int, "1073741824", "log.segment.bytes", ConfigRule.AtLeast(1 << 20), "A segment ends before it is larger than this."),
        Of("segment.index.bytes", ConfigKind.Int, "10485760", "log.index.size.max.bytes", ConfigRule.AtLeast(4), "A segment ends before its index is larger than this."),
        Of("segment.jitter.ms", ConfigKind.Long, "0", "log.roll.jitter.ms", ConfigRule.AtLeast(0),
            "Kept and shown; without effect, because the segments of one machine needn't end at different times."),
        Of("segment.ms", ConfigKind.Long, "604800000", "log.roll.ms", ConfigRule.AtLeast(1), "A segment takes no more records this long after its first."),
        Of("unclean.leader.election.enable", ConfigKind.Boolean, "false", "unclean.leader.election.enable", ConfigRule.Any, Replicated),
    ];

    private static readonly FrozenDictionary<string, ConfigDefinition> ByName = All.ToFrozenDictionary(definition => definition.Name);

    public static ConfigDefinition? Find(string name) => ByName.GetValueOrDefault(name);

    private static ConfigDefinition Of(string name, ConfigKind kind, string? defaultValue, string? synonym, ConfigRule rule, string documentation) =>
        new(name, kind, defaultValue, rule) { BrokerSynonym = synonym, Documentation = documentation };
}
