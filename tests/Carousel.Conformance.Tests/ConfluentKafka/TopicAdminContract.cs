using Carousel.Conformance.Tests.Brokers;
using Carousel.Testing;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Carousel.Conformance.Tests.ConfluentKafka;

/// <summary>Topics, their partitions, settings and records, as an administrator handles them.</summary>
public abstract class TopicAdminContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    [Fact]
    public async Task A_topic_is_described_grows_and_is_gone_when_it_was_deleted()
    {
        using IAdminClient admin = Clients.Admin();
        string topic = await Clients.CreateTopicAsync(Unique("life"), 2);
        TopicDescription description = (await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions())).TopicDescriptions.Single();
        Assert.Equal((topic, false, 2), (description.Name, description.IsInternal, description.Partitions.Count));
        Assert.All(description.Partitions, partition => Assert.Equal((1, 1, 1), (partition.Leader.Id, partition.Replicas.Single().Id, partition.ISR.Single().Id)));

        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = 5 }]);
        await PartitionsAsync(admin, topic, 5);
        CreatePartitionsException shrink = await Assert.ThrowsAsync<CreatePartitionsException>(
            () => admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = 3 }]));
        Assert.Equal(ErrorCode.InvalidPartitions, shrink.Results.Single().Error.Code);

        await admin.DeleteTopicsAsync([topic]);
        Assert.Equal(ErrorCode.UnknownTopicOrPart, (await Assert.ThrowsAsync<DeleteTopicsException>(() => admin.DeleteTopicsAsync([topic]))).Results.Single().Error.Code);
        await PartitionsAsync(admin, topic, 0);
    }

    [Fact]
    public async Task A_topic_made_anew_under_an_old_name_holds_nothing_of_the_old_one()
    {
        using IAdminClient admin = Clients.Admin();
        string topic = await Clients.CreateTopicAsync(Unique("again"), configs: ConfluentClients.KeptForever);
        await ProduceAsync(topic, 3);
        await admin.DeleteTopicsAsync([topic]);
        await PartitionsAsync(admin, topic, 0);
        await Clients.CreateTopicAsync(topic, configs: ConfluentClients.KeptForever);
        await ProduceAsync(topic, 1);
        Assert.Equal(0, Assert.Single(Clients.ReadAll(topic)).Offset.Value);
    }

    [Fact]
    public async Task A_topic_that_cannot_be_is_refused_with_its_reason_and_the_others_are_made()
    {
        using IAdminClient admin = Clients.Admin();
        string known = await Clients.CreateTopicAsync(Unique("known"));
        string good = Unique("good");
        (TopicSpecification Specification, ErrorCode Expected)[] cases =
        [
            (new() { Name = good, NumPartitions = 1, ReplicationFactor = -1 }, ErrorCode.NoError),
            (new() { Name = known, NumPartitions = 1, ReplicationFactor = 1 }, ErrorCode.TopicAlreadyExists),
            (new() { Name = "with space", NumPartitions = 1, ReplicationFactor = 1 }, ErrorCode.TopicException),
            (new() { Name = "..", NumPartitions = 1, ReplicationFactor = 1 }, ErrorCode.TopicException),
            (new() { Name = new string('a', 250), NumPartitions = 1, ReplicationFactor = 1 }, ErrorCode.TopicException),
            (new() { Name = Unique("replicated"), NumPartitions = 1, ReplicationFactor = 3 }, ErrorCode.InvalidReplicationFactor),
            (new() { Name = Unique("value"), NumPartitions = 1, ReplicationFactor = 1, Configs = new() { ["retention.ms"] = "soon" } }, ErrorCode.InvalidConfig),
            (new() { Name = Unique("setting"), NumPartitions = 1, ReplicationFactor = 1, Configs = new() { ["no.such.setting"] = "1" } }, ErrorCode.InvalidConfig),
        ];
        CreateTopicsException refusal = await Assert.ThrowsAsync<CreateTopicsException>(() => admin.CreateTopicsAsync(cases.Select(entry => entry.Specification)));
        Assert.Equal(
            cases.OrderBy(entry => entry.Specification.Name, StringComparer.Ordinal).Select(entry => (entry.Specification.Name, entry.Expected)),
            refusal.Results.OrderBy(report => report.Topic, StringComparer.Ordinal).Select(report => (report.Topic, report.Error.Code)));
        await PartitionsAsync(admin, good, 1);
    }

    [Fact]
    public async Task A_dry_run_makes_nothing()
    {
        using IAdminClient admin = Clients.Admin();
        string topic = Unique("dry");
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }], new CreateTopicsOptions { ValidateOnly = true });
        Assert.DoesNotContain(admin.GetMetadata(Patience).Topics, known => known.Topic == topic);
    }

    [Fact]
    public async Task Settings_are_read_set_added_to_and_taken_back()
    {
        using IAdminClient admin = Clients.Admin();
        string topic = await Clients.CreateTopicAsync(Unique("settings"), configs: new() { ["retention.ms"] = "1000000" });
        var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic };
        Assert.Equal(
            [("cleanup.policy", "delete", true), ("max.message.bytes", "1048588", true), ("retention.ms", "1000000", false), ("segment.bytes", "1073741824", true)],
            await SettingsAsync("cleanup.policy", "max.message.bytes", "retention.ms", "segment.bytes"));

        await ChangeAsync(("cleanup.policy", "compact", AlterConfigOpType.Append), ("retention.ms", "", AlterConfigOpType.Delete), ("max.message.bytes", "2000000", AlterConfigOpType.Set));
        Assert.Equal(
            [("cleanup.policy", "delete,compact", false), ("max.message.bytes", "2000000", false), ("retention.ms", "604800000", true)],
            await SettingsAsync("cleanup.policy", "max.message.bytes", "retention.ms"));

        await ChangeAsync(("cleanup.policy", "delete", AlterConfigOpType.Subtract));
        Assert.Equal([("cleanup.policy", "compact", false)], await SettingsAsync("cleanup.policy"));
        IncrementalAlterConfigsException refusal = await Assert.ThrowsAsync<IncrementalAlterConfigsException>(() => ChangeAsync(("retention.ms", "soon", AlterConfigOpType.Set)));
        Assert.Equal(ErrorCode.InvalidConfig, refusal.Results.Single().Error.Code);

        async Task<(string, string, bool)[]> SettingsAsync(params string[] names)
        {
            Dictionary<string, ConfigEntryResult> entries = (await admin.DescribeConfigsAsync([resource])).Single().Entries;
            return [.. names.Select(name => (name, entries[name].Value, entries[name].IsDefault))];
        }

        Task ChangeAsync(params (string Name, string Value, AlterConfigOpType Operation)[] changes) => admin.IncrementalAlterConfigsAsync(new()
        {
            [resource] = [.. changes.Select(change => new ConfigEntry { Name = change.Name, Value = change.Value, IncrementalOperation = change.Operation })],
        });
    }

    [Fact]
    public async Task The_cluster_and_the_broker_describe_themselves()
    {
        using IAdminClient admin = Clients.Admin();
        DescribeClusterResult cluster = await admin.DescribeClusterAsync(new DescribeClusterOptions());
        Assert.Equal((1, 1, "127.0.0.1", Broker.Port), (cluster.Nodes.Single().Id, cluster.Controller.Id, cluster.Nodes.Single().Host, cluster.Nodes.Single().Port));
        Assert.False(string.IsNullOrEmpty(cluster.ClusterId), "The cluster has no id.");
        DescribeConfigsResult settings = (await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Broker, Name = "1" }])).Single();
        Assert.Contains("log.retention.ms", settings.Entries.Keys);
    }

    [Fact]
    public async Task Deleted_records_are_gone_and_offsets_are_listed_by_every_rule()
    {
        using IAdminClient admin = Clients.Admin();
        string topic = await Clients.CreateTopicAsync(Unique("records"), configs: ConfluentClients.KeptForever);
        await ProduceAsync(topic, 10);
        var partition = new TopicPartition(topic, 0);
        List<DeleteRecordsResult> deleted = await admin.DeleteRecordsAsync([new TopicPartitionOffset(partition, 4)]);
        Assert.Equal(4, deleted.Single().Offset.Value);
        Assert.Equal([4, 5, 6, 7, 8, 9], Clients.ReadAll(topic).Select(record => (int)record.Offset.Value));
        int[] listed = await ListAsync(OffsetSpec.Earliest(), OffsetSpec.Latest(), OffsetSpec.MaxTimestamp(), OffsetSpec.ForTimestamp(7_000), OffsetSpec.ForTimestamp(60_000));
        Assert.Equal([4, 10, 9, 6, -1], listed);

        DeleteRecordsException refusal = await Assert.ThrowsAsync<DeleteRecordsException>(() => admin.DeleteRecordsAsync([new TopicPartitionOffset(partition, 11)]));
        Assert.Equal(ErrorCode.OffsetOutOfRange, refusal.Results.Single().Error.Code);
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(partition, Offset.End)]);
        Assert.Empty(Clients.ReadAll(topic));

        async Task<int[]> ListAsync(params OffsetSpec[] rules)
        {
            var offsets = new List<int>();
            foreach (OffsetSpec rule in rules)
            {
                ListOffsetsResult result = await admin.ListOffsetsAsync([new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = rule }], new ListOffsetsOptions());
                offsets.Add((int)result.ResultInfos.Single().TopicPartitionOffsetError.Offset.Value);
            }

            return [.. offsets];
        }
    }

    /// <summary>Kafka answers an administrator before its brokers know.</summary>
    private static Task PartitionsAsync(IAdminClient admin, string topic, int expected) => Eventually.TrueAsync(
        $"{topic} has {expected} partitions",
        () => admin.GetMetadata(Patience).Topics.SingleOrDefault(known => known.Topic == topic)?.Partitions.Count ?? 0,
        count => count == expected,
        Patience);

    /// <summary>A record a second from 1970 on; librdkafka takes 0 for no timestamp.</summary>
    private async Task ProduceAsync(string topic, int count)
    {
        using IProducer<string?, string?> producer = Clients.Producer();
        await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
            producer.ProduceAsync(topic, new Message<string?, string?> { Value = $"{i}", Timestamp = new Timestamp(1_000 * (i + 1), TimestampType.CreateTime) })));
    }
}

public sealed class TopicAdminOnEmbeddedTests(SharedBrokers brokers) : TopicAdminContract(brokers, BrokerKind.Embedded);

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class TopicAdminOnKafkaTests(SharedBrokers brokers) : TopicAdminContract(brokers, BrokerKind.Kafka);
