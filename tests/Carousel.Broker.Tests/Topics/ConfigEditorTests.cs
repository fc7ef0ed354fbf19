using Carousel.Broker.Topics.Configs;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Topics;

public sealed class ConfigEditorTests
{
    private static readonly TopicConfigs Unset = new(ConfigOverrides.None, BrokerConfigs.Default);

    [Fact]
    public void Appending_begins_with_what_counts_now_and_repeats_nothing()
    {
        TopicConfigs both = Edited(Unset, new ConfigChange("cleanup.policy", ConfigOperation.Append, "compact"));
        Assert.Equal("delete,compact", both.Own.Find("cleanup.policy"));
        Assert.Equal("delete,compact", Edited(both, new ConfigChange("cleanup.policy", ConfigOperation.Append, " delete ")).Own.Find("cleanup.policy"));
    }

    [Fact]
    public void Subtracting_may_leave_nothing_and_what_isnt_there_is_no_error()
    {
        TopicConfigs none = Edited(Unset, new ConfigChange("cleanup.policy", ConfigOperation.Subtract, "delete,compact"));
        Assert.Equal("", none.Own.Find("cleanup.policy"));
        Assert.Equal("", Edited(none, new ConfigChange("cleanup.policy", ConfigOperation.Subtract, "compact")).Own.Find("cleanup.policy"));
    }

    [Fact]
    public void Deleting_goes_back_to_the_default_even_where_nothing_was_set_or_is_known()
    {
        TopicConfigs set = Edited(Unset, new ConfigChange("retention.ms", ConfigOperation.Set, "5"));
        TopicConfigs back = Edited(set, new("retention.ms", ConfigOperation.Delete, "x"), new("nonsense", ConfigOperation.Delete, null));
        Assert.Empty(back.Own.Values);
    }

    [Theory]
    [InlineData("nonsense", 0, "1", ErrorCode.InvalidConfig, "Unknown topic config name: nonsense")]
    [InlineData("retention.ms", 0, "abc", ErrorCode.InvalidConfig, "Invalid value abc for configuration retention.ms: Not a number of type LONG")]
    [InlineData("retention.ms", 0, null, ErrorCode.InvalidRequest, "Null value not supported for : retention.ms")]
    [InlineData("retention.ms", 2, "5", ErrorCode.InvalidConfig, "Can't APPEND to key retention.ms because its type is not LIST.")]
    [InlineData("retention.ms", 3, "5", ErrorCode.InvalidConfig, "Can't SUBTRACT to key retention.ms because its type is not LIST.")]
    [InlineData("cleanup.policy", 2, "foo", ErrorCode.InvalidConfig, "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete")]
    [InlineData("cleanup.policy", 9, "compact", ErrorCode.InvalidRequest, "Unknown operation type 9 is not supported.")]
    public void A_change_that_cant_be_made_says_why(string name, sbyte operation, string? value, ErrorCode error, string reason)
    {
        ConfigEdit edit = ConfigEditor.EditTopic(Unset, [new ConfigChange("flush.ms", ConfigOperation.Set, "7"), new(name, (ConfigOperation)operation, value)]);
        Assert.Equal((null, error, reason), (edit.Overrides, edit.Error, edit.Reason));
    }

    [Fact]
    public void One_config_twice_in_a_request_is_refused()
    {
        ConfigEdit edit = ConfigEditor.EditTopic(Unset, [new("retention.ms", ConfigOperation.Set, "1"), new("retention.ms", ConfigOperation.Delete, null)]);
        Assert.Equal((ErrorCode.InvalidRequest, "Error due to duplicate config keys"), (edit.Error, edit.Reason));
    }

    [Fact]
    public void Values_that_contradict_each_other_are_refused_also_where_one_is_the_brokers()
    {
        var configs = new TopicConfigs(ConfigOverrides.None, BrokerConfigs.Default with { Static = ConfigOverrides.Of([new("log.cleaner.max.compaction.lag.ms", "5")]) });
        ConfigEdit edit = ConfigEditor.EditTopic(configs, [new("min.compaction.lag.ms", ConfigOperation.Set, "10")]);
        Assert.Equal(
            (ErrorCode.InvalidConfig, "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)"), (edit.Error, edit.Reason));
    }

    [Fact]
    public void A_config_of_the_broker_that_is_fixed_at_its_start_cant_be_changed()
    {
        ConfigEdit edit = ConfigEditor.EditBroker(
            BrokerConfigs.Default, isClusterDefault: false, [new("num.partitions", ConfigOperation.Set, "5"), new("log.retention.ms", ConfigOperation.Set, "5")]);
        Assert.Equal((ErrorCode.InvalidRequest, "Cannot update these configs dynamically: Set(num.partitions)"), (edit.Error, edit.Reason));
    }

    [Fact]
    public void What_is_set_for_the_broker_beats_what_is_set_for_all_and_that_beats_what_it_was_started_with()
    {
        BrokerConfigs configs = BrokerConfigs.Default with { Static = ConfigOverrides.Of([new("log.segment.bytes", "3000000")]) };
        Assert.Equal(new ConfigValue("log.segment.bytes", "3000000", ConfigSource.StaticBroker), new TopicConfigs(ConfigOverrides.None, configs).Find(Definition("segment.bytes")));

        configs = configs with { ClusterDefault = ConfigOverrides.Of([new("log.segment.bytes", "4000000")]), PerBroker = ConfigOverrides.Of([new("log.segment.bytes", "5000000")]) };
        var topic = new TopicConfigs(ConfigOverrides.Of([new("segment.bytes", "6000000")]), configs);
        Assert.Equal(
            [
                new("segment.bytes", "6000000", ConfigSource.Topic),
                new("log.segment.bytes", "5000000", ConfigSource.DynamicBroker),
                new("log.segment.bytes", "4000000", ConfigSource.DynamicDefaultBroker),
                new("log.segment.bytes", "3000000", ConfigSource.StaticBroker),
                new("log.segment.bytes", "1073741824", ConfigSource.Default),
            ],
            topic.Synonyms(Definition("segment.bytes")));
        Assert.Equal(6_000_000, topic.ToLogSettings().SegmentBytes);
    }

    private static ConfigDefinition Definition(string name) => TopicConfigDefinitions.Find(name)!;

    private static TopicConfigs Edited(TopicConfigs configs, params ConfigChange[] changes)
    {
        ConfigEdit edit = ConfigEditor.EditTopic(configs, changes);
        Assert.Null(edit.Reason);
        return configs with { Own = edit.Overrides! };
    }
}
