using System.Globalization;
using Carousel.Conformance.Tests.Brokers;
using Carousel.Conformance.Tests.ConfluentKafka;
using Carousel.Conformance.Tests.Processes;
using Carousel.Testing;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.JavaTools;

/// <summary>The Java admin client, through the tools that an operator uses.</summary>
public abstract class AdminToolsContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    [Fact]
    public async Task Topics_are_created_described_altered_listed_and_deleted()
    {
        string topic = Unique("tools");
        await ToolAsync("topics", "--create", "--topic", topic, "--partitions", "2", "--config", "retention.ms=99000");
        await ToolAsync("topics", "--alter", "--topic", topic, "--partitions", "3");
        await ToolAsync("configs", "--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config", "cleanup.policy=[compact,delete]", "--delete-config", "retention.ms");
        string[] described = await ToolAsync("topics", "--describe", "--topic", topic);
        Assert.Contains("PartitionCount: 3\tReplicationFactor: 1\tConfigs: ", described[0], StringComparison.Ordinal);
        Assert.Contains("cleanup.policy=compact,delete", described[0], StringComparison.Ordinal);
        Assert.DoesNotContain("retention.ms", described[0], StringComparison.Ordinal);
        Assert.Equal(3, described.Count(line => line.Contains("Leader: 1\tReplicas: 1\tIsr: 1", StringComparison.Ordinal)));
        Assert.Contains(topic, await ToolAsync("topics", "--list"));
        await ToolAsync("topics", "--delete", "--topic", topic);
        Assert.DoesNotContain(topic, await ToolAsync("topics", "--list"));
    }

    [Fact]
    public async Task Settings_are_described_with_where_they_come_from()
    {
        string topic = await Clients.CreateTopicAsync(Unique("configs"), configs: new() { ["retention.ms"] = "99000" });
        string[] all = await ToolAsync("configs", "--describe", "--all", "--entity-type", "topics", "--entity-name", topic);
        string retention = Assert.Single(all, line => line.StartsWith("retention.ms=", StringComparison.Ordinal));
        Assert.Equal("retention.ms=99000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=99000}", retention);
        Assert.Contains(all, line => line.StartsWith("segment.bytes=1073741824 sensitive=false synonyms={", StringComparison.Ordinal));
        string[] broker = await ToolAsync("configs", "--describe", "--all", "--entity-type", "brokers", "--entity-name", "1");
        Assert.Contains(broker, line => line.StartsWith("log.retention.ms=", StringComparison.Ordinal));
        Assert.Contains(broker, line => line.StartsWith("node.id=1 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Records_are_deleted_and_offsets_tell()
    {
        string topic = await Clients.CreateTopicAsync(Unique("records"), configs: ConfluentClients.KeptForever);
        await ProduceAsync(topic, 10, partitionCount: 1);
        string plan = Path.GetTempFileName();
        await File.WriteAllTextAsync(plan, $$"""{"partitions":[{"topic":"{{topic}}","partition":0,"offset":4}],"version":1}""");
        Assert.Contains(await ToolAsync("delete-records", "--offset-json-file", plan), line => line.EndsWith("low_watermark: 4", StringComparison.Ordinal));
        File.Delete(plan);
        foreach ((string time, int offset) in new[] { ("-2", 4), ("-1", 10), ("-3", 9) })
        {
            Assert.Equal([$"{topic}:0:{offset}"], await ToolAsync("offsets", "--topic", topic, "--time", time));
        }
    }

    [Fact]
    public async Task Groups_are_described_reset_and_deleted()
    {
        string topic = await Clients.CreateTopicAsync(Unique("groups"), 2, ConfluentClients.KeptForever);
        string group = Unique("tools-group");
        await ProduceAsync(topic, 10, partitionCount: 2);
        await using (var member = new GroupMember(Clients, group, topic))
        {
            await GroupMember.ShareAsync(2, member);
            await Eventually.TrueAsync("all was read", () => member.Read.Count, count => count == 10, Patience);
            string[] members = await ToolAsync("groups", "--describe", "--group", group, "--members", "--verbose");
            Assert.Contains(members, line => line.StartsWith(group, StringComparison.Ordinal) && line.Contains($"{topic}:0,1", StringComparison.Ordinal));
            Assert.Matches($"{group} .*127.0.0.1:{Broker.Port} .*\\(1\\) .*range .*Stable .*1", Assert.Single(
                await ToolAsync("groups", "--describe", "--group", group, "--state"), line => line.StartsWith(group, StringComparison.Ordinal)));
            await member.LeaveAsync();
        }

        Assert.Equal([(0, 5, 5, 0), (1, 5, 5, 0)], await OffsetsAsync());
        await ToolAsync("groups", "--reset-offsets", "--group", group, "--topic", $"{topic}:1", "--shift-by", "-2", "--execute");
        Assert.Equal([(0, 5, 5, 0), (1, 3, 5, 2)], await OffsetsAsync());
        await ToolAsync("groups", "--delete-offsets", "--group", group, "--topic", $"{topic}:0");
        Assert.Equal([(1, 3, 5, 2)], await OffsetsAsync());
        Assert.Contains(await ToolAsync("groups", "--delete", "--group", group), line => line.Contains("was successful", StringComparison.Ordinal));
        Assert.DoesNotContain(group, await ToolAsync("groups", "--list"));

        async Task<(int Partition, int Committed, int End, int Lag)[]> OffsetsAsync()
        {
            string[] lines = await ToolAsync("groups", "--describe", "--group", group);
            return
            [
                .. lines.Where(line => line.StartsWith(group, StringComparison.Ordinal))
                    .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2..6].Select(field => int.Parse(field, CultureInfo.InvariantCulture)).ToArray())
                    .Select(fields => (fields[0], fields[1], fields[2], fields[3])).Order(),
            ];
        }
    }

    [Fact]
    public async Task Every_version_that_is_told_is_one_that_the_tool_knows()
    {
        string[] lines = await ToolAsync("api-versions");
        Assert.Contains($"127.0.0.1:{Broker.Port} (id: 1", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("Produce(0): 0 to ", StringComparison.Ordinal) && line.Contains("[usable: ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("UNKNOWN", StringComparison.Ordinal));
    }

    private Task<string[]> ToolAsync(string tool, params string[] arguments) => KafkaTool.RunAsync(tool, ["--bootstrap-server", Broker.Address, .. arguments]);

    private async Task ProduceAsync(string topic, int count, int partitionCount)
    {
        using IProducer<string?, string?> producer = Clients.Producer();
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => producer.ProduceAsync(
            new TopicPartition(topic, i % partitionCount), new Message<string?, string?> { Value = $"{i}", Timestamp = new Timestamp(1_700_000_000_000 + i, TimestampType.CreateTime) })));
    }
}

public sealed class AdminToolsOnEmbeddedTests(SharedBrokers brokers) : AdminToolsContract(brokers, BrokerKind.Embedded);

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class AdminToolsOnKafkaTests(SharedBrokers brokers) : AdminToolsContract(brokers, BrokerKind.Kafka);
