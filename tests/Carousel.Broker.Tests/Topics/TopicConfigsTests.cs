using Carousel.Broker.Log;
using Carousel.Broker.Topics.Configs;

namespace Carousel.Broker.Tests.Topics;

public sealed class TopicConfigsTests
{
    [Fact]
    public void Without_any_value_set_partitions_act_on_Kafkas_defaults()
    {
        LogSettings settings = Settings();
        Assert.Equal(new LogSettings { SegmentBytes = 1 << 30 }, settings);
    }

    [Theory]
    [InlineData("delete", CleanupPolicies.Delete)]
    [InlineData("compact", CleanupPolicies.Compact)]
    [InlineData("compact,delete", CleanupPolicies.Compact | CleanupPolicies.Delete)]
    [InlineData("", CleanupPolicies.None)]
    public void The_cleanup_policy_is_a_list(string value, object policies) => Assert.Equal(policies, Settings(("cleanup.policy", value)).CleanupPolicy);

    [Fact]
    public void Every_value_that_partitions_act_on_reaches_them()
    {
        LogSettings settings = Settings(
            ("max.message.bytes", "1"), ("segment.bytes", "1048577"), ("segment.ms", "2"), ("segment.index.bytes", "5"), ("index.interval.bytes", "6"),
            ("retention.ms", "3"), ("retention.bytes", "7"), ("delete.retention.ms", "4"), ("min.compaction.lag.ms", "8"), ("max.compaction.lag.ms", "9"),
            ("min.cleanable.dirty.ratio", "0.25"), ("message.timestamp.type", "LogAppendTime"), ("message.timestamp.before.max.ms", "10"),
            ("message.timestamp.after.max.ms", "11"));
        Assert.Equal(
            new LogSettings
            {
                MaxMessageBytes = 1,
                SegmentBytes = 1_048_577,
                SegmentAge = TimeSpan.FromMilliseconds(2),
                SegmentIndexBytes = 5,
                IndexIntervalBytes = 6,
                RetentionAge = TimeSpan.FromMilliseconds(3),
                RetentionBytes = 7,
                DeleteRetention = TimeSpan.FromMilliseconds(4),
                MinCompactionLag = TimeSpan.FromMilliseconds(8),
                MaxCompactionLag = TimeSpan.FromMilliseconds(9),
                MinCleanableDirtyRatio = 0.25,
                IsLogAppendTime = true,
                TimestampBeforeMax = TimeSpan.FromMilliseconds(10),
                TimestampAfterMax = TimeSpan.FromMilliseconds(11),
            },
            settings);
    }

    [Fact]
    public void No_retention_is_for_ever_and_the_longest_times_stay_within_the_calendar()
    {
        LogSettings settings = Settings(("retention.ms", "-1"), ("retention.bytes", "-1"), ("segment.ms", $"{long.MaxValue}"), ("delete.retention.ms", $"{long.MaxValue}"));
        Assert.Null(settings.RetentionAge);
        Assert.Null(settings.RetentionBytes);
        Assert.True(DateTimeOffset.UnixEpoch + settings.SegmentAge > DateTimeOffset.UnixEpoch.AddYears(900));
        Assert.Equal(settings.SegmentAge, settings.DeleteRetention);
    }

    [Fact]
    public void Tests_may_have_small_segments() =>
        Assert.Equal(100, Settings(("segment.bytes", "1048576"), ("internal.segment.bytes", "100")).SegmentBytes);

    private static LogSettings Settings(params (string Name, string Value)[] own) =>
        new TopicConfigs(ConfigOverrides.Of(own.Select(config => KeyValuePair.Create(config.Name, config.Value))), BrokerConfigs.Default).ToLogSettings();
}
