using System.Globalization;
using Carousel.Broker.Log;

namespace Carousel.Broker.Topics.Configs;

/// <summary>A topic's configs: its own on top of the broker's. Immutable.</summary>
internal sealed record TopicConfigs(ConfigOverrides Own, BrokerConfigs Broker)
{
    // Long enough for anybody, and still a time that can be taken from now without leaving the calendar.
    private static readonly TimeSpan AgeMax = TimeSpan.FromDays(365_000);

    /// <summary>All places that hold a value for the config, the one that counts first (Kafka's ConfigHelper).</summary>
    public IEnumerable<ConfigValue> Synonyms(ConfigDefinition definition)
    {
        IEnumerable<ConfigValue> inherited = definition.BrokerSynonym is { } synonym ? Broker.Synonyms(synonym) : [];
        return Own.Find(definition.Name) is { } value
            ? inherited.Prepend(new ConfigValue(definition.Name, definition.Normalize(value), ConfigSource.Topic))
            : inherited;
    }

    /// <summary>The value that counts.</summary>
    public ConfigValue Find(ConfigDefinition definition) =>
        Synonyms(definition).Select(value => (ConfigValue?)value).FirstOrDefault() ?? new ConfigValue(definition.Name, definition.Default, ConfigSource.Default);

    /// <summary>What is wrong with the values together; null when nothing is.</summary>
    public string? Conflict()
    {
        long least = Long("min.compaction.lag.ms");
        long most = Long("max.compaction.lag.ms");
        return least > most
            ? string.Create(CultureInfo.InvariantCulture, $"conflict topic config setting min.compaction.lag.ms ({least}) > max.compaction.lag.ms ({most})")
            : null;
    }

    /// <summary>The configs as the topic's partitions act on them.</summary>
    public LogSettings ToLogSettings() => new()
    {
        CleanupPolicy = Policies(Text("cleanup.policy")),
        MaxMessageBytes = Int("max.message.bytes"),
        SegmentBytes = Own.Find("internal.segment.bytes") is null ? Int("segment.bytes") : Int("internal.segment.bytes"),
        SegmentAge = Age(Long("segment.ms")),
        SegmentIndexBytes = Int("segment.index.bytes"),
        IndexIntervalBytes = Int("index.interval.bytes"),
        RetentionAge = Long("retention.ms") is >= 0 and var retention ? Age(retention) : null,
        RetentionBytes = Long("retention.bytes") is >= 0 and var bytes ? bytes : null,
        DeleteRetention = Age(Long("delete.retention.ms")),
        MinCompactionLag = Age(Long("min.compaction.lag.ms")),
        MaxCompactionLag = AgeOrNever(Long("max.compaction.lag.ms")),
        MinCleanableDirtyRatio = double.Parse(Text("min.cleanable.dirty.ratio"), CultureInfo.InvariantCulture),
        IsLogAppendTime = Text("message.timestamp.type") == "LogAppendTime",
        TimestampBeforeMax = AgeOrNever(Long("message.timestamp.before.max.ms")),
        TimestampAfterMax = AgeOrNever(Long("message.timestamp.after.max.ms")),
    };

    private static CleanupPolicies Policies(string list) =>
        ConfigDefinition.Elements(list).Aggregate(CleanupPolicies.None, (all, element) => all | (element == "compact" ? CleanupPolicies.Compact : CleanupPolicies.Delete));

    private static TimeSpan? AgeOrNever(long milliseconds) => milliseconds == long.MaxValue ? null : Age(milliseconds);

    private static TimeSpan Age(long milliseconds) => TimeSpan.FromMilliseconds(Math.Min(milliseconds, (long)AgeMax.TotalMilliseconds));

    private string Text(string name) => Find(TopicConfigDefinitions.Find(name)!).Value!;

    private int Int(string name) => int.Parse(Text(name), CultureInfo.InvariantCulture);

    private long Long(string name) => long.Parse(Text(name), CultureInfo.InvariantCulture);
}
