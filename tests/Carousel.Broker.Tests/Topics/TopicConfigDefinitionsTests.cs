using Carousel.Broker.Topics.Configs;

namespace Carousel.Broker.Tests.Topics;

public sealed class TopicConfigDefinitionsTests
{
    [Theory]
    [InlineData("retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1")]
    [InlineData("retention.ms", "abc", "Invalid value abc for configuration retention.ms: Not a number of type LONG")]
    [InlineData("retention.ms", "", "Invalid value  for configuration retention.ms: Not a number of type LONG")]
    [InlineData("retention.bytes", "99999999999999999999", "Invalid value 99999999999999999999 for configuration retention.bytes: Not a number of type LONG")]
    [InlineData("segment.bytes", "1000", "Invalid value 1000 for configuration segment.bytes: Value must be at least 1048576")]
    [InlineData("segment.bytes", "2147483648", "Invalid value 2147483648 for configuration segment.bytes: Not a number of type INT")]
    [InlineData("segment.ms", "0", "Invalid value 0 for configuration segment.ms: Value must be at least 1")]
    [InlineData("min.cleanable.dirty.ratio", "1.5", "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1")]
    [InlineData("min.cleanable.dirty.ratio", "NaN", "Invalid value NaN for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE")]
    [InlineData("cleanup.policy", "foo", "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete")]
    [InlineData("cleanup.policy", "compact,none", "Invalid value none for configuration cleanup.policy: String must be one of: compact, delete")]
    [InlineData("preallocate", "x", "Invalid value x for configuration preallocate: Expected value to be either true or false")]
    [InlineData("min.insync.replicas", "0", "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1")]
    [InlineData("compression.type", "brotli", "Invalid value brotli for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer")]
    [InlineData("compression.gzip.level", "0", "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1")]
    [InlineData("compression.lz4.level", "18", "Invalid value 18 for configuration compression.lz4.level: Value must be no more than 17")]
    [InlineData("compression.zstd.level", "-200000", "Invalid value -200000 for configuration compression.zstd.level: Value must be at least -131072")]
    [InlineData("message.timestamp.type", "x", "Invalid value x for configuration message.timestamp.type: String must be one of: CreateTime, LogAppendTime")]
    [InlineData("remote.storage.enable", "true", "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.")]
    public void A_value_out_of_range_is_refused_in_Kafkas_words(string name, string value, string problem) =>
        Assert.Equal(problem, TopicConfigDefinitions.Find(name)!.Check(value));

    [Theory]
    [InlineData("retention.ms", " 5 ", "5")]
    [InlineData("retention.bytes", "-7", "-7")]
    [InlineData("cleanup.policy", "", "")]
    [InlineData("cleanup.policy", " compact , delete ", "compact,delete")]
    [InlineData("cleanup.policy", "compact,compact", "compact")]
    [InlineData("unclean.leader.election.enable", "TRUE", "true")]
    [InlineData("min.cleanable.dirty.ratio", "0.25", "0.25")]
    [InlineData("leader.replication.throttled.replicas", "*", "*")]
    [InlineData("follower.replication.throttled.replicas", "0:1,1:1", "0:1,1:1")]
    [InlineData("compression.gzip.level", "-1", "-1")]
    [InlineData("internal.segment.bytes", "100", "100")]
    public void A_value_that_Kafka_takes_is_taken_and_shown_in_its_normal_form(string name, string value, string shown)
    {
        ConfigDefinition definition = TopicConfigDefinitions.Find(name)!;
        Assert.Null(definition.Check(value));
        Assert.Equal(shown, definition.Normalize(value));
    }

    [Fact]
    public void Every_default_is_valid_and_every_stand_in_is_a_config_of_the_broker()
    {
        HashSet<string> broker = [.. BrokerConfigDefinitions.All.Select(definition => definition.Name)];
        Assert.Equal(33, TopicConfigDefinitions.All.Count(definition => !definition.IsHidden));
        Assert.All(TopicConfigDefinitions.All, definition =>
        {
            Assert.Null(definition.Default is null ? null : definition.Check(definition.Default));
            Assert.NotNull(definition.Documentation);
            Assert.True(definition.BrokerSynonym is null || broker.Contains(definition.BrokerSynonym), definition.BrokerSynonym);
        });
    }

    [Fact]
    public void The_brokers_configs_are_those_of_Kafka_with_their_defaults()
    {
        Assert.Equal(320, BrokerConfigDefinitions.All.Count);
        Assert.All(BrokerConfigDefinitions.All, definition => Assert.Null(definition.Default is null ? null : definition.Check(definition.Default)));
        ConfigDefinition retention = BrokerConfigDefinitions.FindOrCustom("log.retention.ms");
        Assert.Equal((ConfigKind.Long, null, false), (retention.Kind, retention.Default, retention.IsReadOnly));
        Assert.True(BrokerConfigDefinitions.FindOrCustom("num.partitions").IsReadOnly);
        Assert.True(BrokerConfigDefinitions.FindOrCustom("listeners").IsReadOnly);
        Assert.True(BrokerConfigDefinitions.FindOrCustom("ssl.key.password").IsSensitive);
    }
}
