using Carousel.Conformance.Tests.Brokers;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>Making, changing and deleting topics: what is refused, and as what.</summary>
public sealed class TopicDifferentialTests(SharedBrokers brokers) : DifferentialTest(brokers)
{
    [Fact]
    public Task Topics_are_created_by_every_version() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<CreateTopicsRequest>())
        {
            string topic = $"{Prefix}v{version}";
            await AskAsync("a topic", validateOnly: false, Topic(topic));
            await AskAsync("the same again", validateOnly: false, Topic(topic));
            await AskAsync("a dry run", validateOnly: true, Topic(topic + "-dry"));
            await AskAsync("no partitions", validateOnly: false, Topic(topic + "-none", partitionCount: 0));
            await AskAsync("three replicas", validateOnly: false, Topic(topic + "-replicas", replicationFactor: 3));
            await AskAsync("defaults", validateOnly: false, Topic(topic + "-defaults", partitionCount: 3, replicationFactor: -1));
            await AskAsync("names that can't be", validateOnly: false, Topic(""), Topic("."), Topic("a/b"), Topic(new string('x', 250)));
            await AskAsync("the same name twice", validateOnly: false, Topic(topic + "-twice"), Topic(topic + "-twice"));
            await AskAsync("a setting that isn't", validateOnly: false, Topic(topic + "-setting", config: ("no.such", "1")));
            await AskAsync("a value that isn't", validateOnly: false, Topic(topic + "-value", config: ("cleanup.policy", "shred")));

            Task AskAsync(string about, bool validateOnly, params CreateTopicsRequest.CreatableTopic[] topics) => dialogue.AskAsync<CreateTopicsRequest, CreateTopicsResponse>(
                about, version, new CreateTopicsRequest { Topics = topics, ValidateOnly = validateOnly });
        }
    });

    [Fact]
    public Task Topics_are_deleted_by_name_and_by_id() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<DeleteTopicsRequest>())
        {
            string topic = $"{Prefix}v{version}";
            Guid id = await dialogue.CreateTopicAsync(topic);
            await AskAsync("a known and an unknown one", new() { Name = topic }, new() { Name = Prefix + "unknown" });
            await AskAsync("the same again", new DeleteTopicsRequest.DeleteTopicState { Name = topic });
            if (version >= 6)
            {
                await AskAsync("an id that is gone", new DeleteTopicsRequest.DeleteTopicState { Name = null, TopicId = id });
                await AskAsync("a living id", new DeleteTopicsRequest.DeleteTopicState { Name = null, TopicId = await dialogue.CreateTopicAsync(topic + "-id") });
                await AskAsync("name and id", new DeleteTopicsRequest.DeleteTopicState { Name = topic, TopicId = id });
            }

            Task AskAsync(string about, params DeleteTopicsRequest.DeleteTopicState[] topics) => dialogue.AskAsync<DeleteTopicsRequest, DeleteTopicsResponse>(
                about, version, new DeleteTopicsRequest { Topics = topics, TopicNames = [.. topics.Select(topic => topic.Name ?? "")], TimeoutMs = 30_000 });
        }
    });

    [Fact]
    public Task Partitions_are_added_and_never_taken_away() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<CreatePartitionsRequest>())
        {
            string topic = $"{Prefix}v{version}";
            await dialogue.CreateTopicAsync(topic, 2);
            foreach ((string name, int count, bool validateOnly) in new[] { (topic, 3, true), (topic, 3, false), (topic, 1, false), (topic, 0, false), (Prefix + "unknown", 3, false) })
            {
                await dialogue.AskAsync<CreatePartitionsRequest, CreatePartitionsResponse>(
                    $"{name} to {count}, dry {validateOnly}", version, new CreatePartitionsRequest { Topics = [new() { Name = name, Count = count, Assignments = null }], TimeoutMs = 30_000, ValidateOnly = validateOnly });
            }

            // Kafka's broker learns of it a little after its controller has answered.
            MetadataResponse grown = await Eventually.TrueAsync(
                $"{topic} has 3 partitions",
                () => dialogue.DoAsync<MetadataRequest, MetadataResponse>(12, new MetadataRequest { Topics = [new() { Name = topic }] }),
                metadata => metadata.Topics.Single().Partitions.Length == 3,
                TimeSpan.FromSeconds(90));
            dialogue.Note($"{grown.Topics.Single().Partitions.Length} partitions");
        }
    });

    [Fact]
    public Task Settings_of_topics_are_told_with_their_sources_and_types() => CompareAsync(async dialogue =>
    {
        string topic = Prefix + "settings";
        await dialogue.CreateTopicAsync(topic, 1, ("retention.ms", "1000"), ("cleanup.policy", "compact,delete"));
        foreach (short version in dialogue.Versions<DescribeConfigsRequest>())
        {
            foreach (string setting in TopicSettings)
            {
                await AskAsync(setting, 2, topic, [setting]);
            }

            await AskAsync("a setting that isn't", 2, topic, ["no.such"]);
            await AskAsync("a topic that isn't", 2, Prefix + "unknown", null);
            await AskAsync("a broker that isn't", 4, "77", null);
            await AskAsync("a broker that is no number", 4, "x", null);
            await AskAsync("a kind that isn't", 99, "x", null);

            Task AskAsync(string about, sbyte type, string name, string[]? keys) => dialogue.AskAsync<DescribeConfigsRequest, DescribeConfigsResponse>(
                about, version, new DescribeConfigsRequest { Resources = [new() { ResourceType = type, ResourceName = name, ConfigurationKeys = keys }], IncludeSynonyms = false });
        }
    });

    [Fact]
    public Task Settings_change_one_by_one_or_all_at_once() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<IncrementalAlterConfigsRequest>())
        {
            string topic = $"{Prefix}one-by-one-v{version}";
            await dialogue.CreateTopicAsync(topic, 1, ("retention.ms", "1000"));
            await AskAsync("set", topic, ("retention.ms", 0, "2000"));
            await AskAsync("append", topic, ("cleanup.policy", 2, "compact"));
            await AskAsync("append what is no list", topic, ("retention.ms", 2, "1"));
            await AskAsync("subtract", topic, ("cleanup.policy", 3, "delete"));
            await AskAsync("delete", topic, ("retention.ms", 1, null));
            await AskAsync("a bad value", topic, ("retention.ms", 0, "soon"));
            await AskAsync("a setting that isn't", topic, ("no.such", 0, "1"));
            await AskAsync("the same one twice", topic, ("retention.ms", 0, "1"), ("retention.ms", 0, "2"));
            await AskAsync("no value", topic, ("retention.ms", 0, null));
            await AskAsync("a topic that isn't", Prefix + "unknown", ("retention.ms", 0, "1"));
            await TellAsync(topic);

            Task AskAsync(string about, string name, params (string Setting, sbyte Operation, string? Value)[] changes) => dialogue.AskAsync<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
                about, version, new IncrementalAlterConfigsRequest
                {
                    Resources = [new() { ResourceType = 2, ResourceName = name, Configs = [.. changes.Select(change => new IncrementalAlterConfigsRequest.AlterableConfig { Name = change.Setting, ConfigOperation = change.Operation, Value = change.Value })] }],
                });
        }

        foreach (short version in dialogue.Versions<AlterConfigsRequest>())
        {
            string topic = $"{Prefix}at-once-v{version}";
            await dialogue.CreateTopicAsync(topic, 1, ("retention.ms", "1000"));
            await dialogue.AskAsync<AlterConfigsRequest, AlterConfigsResponse>(
                "replace all", version, new AlterConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = topic, Configs = [new() { Name = "retention.bytes", Value = "5" }] }] });
            await TellAsync(topic);
        }

        Task TellAsync(string topic) => Eventually.TrueAsync(
            "the settings are told",
            () => dialogue.DoAsync<DescribeConfigsRequest, DescribeConfigsResponse>(
                4, new DescribeConfigsRequest { Resources = [new() { ResourceType = 2, ResourceName = topic, ConfigurationKeys = ["retention.ms", "retention.bytes", "cleanup.policy"] }] }),
            told => told.Results.Single().Configs.Any(config => config.ConfigSource == 1 && config.Name != "retention.ms") && told.Results.Single().Configs.Single(config => config.Name == "retention.ms").Value == "604800000",
            TimeSpan.FromSeconds(90));
    });

    private static readonly string[] TopicSettings =
    [
        "cleanup.policy", "compression.type", "delete.retention.ms", "file.delete.delay.ms", "flush.messages", "flush.ms", "index.interval.bytes", "max.compaction.lag.ms",
        "max.message.bytes", "message.timestamp.type", "min.cleanable.dirty.ratio", "min.compaction.lag.ms", "min.insync.replicas", "preallocate", "retention.bytes", "retention.ms",
        "segment.bytes", "segment.index.bytes", "segment.jitter.ms", "segment.ms", "unclean.leader.election.enable", "message.timestamp.before.max.ms", "message.timestamp.after.max.ms",
    ];

    private static CreateTopicsRequest.CreatableTopic Topic(string name, int partitionCount = 1, short replicationFactor = 1, (string Name, string Value)? config = null) => new()
    {
        Name = name, NumPartitions = partitionCount, ReplicationFactor = replicationFactor,
        Configs = config is { } given ? [new CreateTopicsRequest.CreatableTopicConfig { Name = given.Name, Value = given.Value }] : [],
    };
}
