using System.Text.Json;
using Carousel.Conformance.Tests.Brokers;
using Carousel.Conformance.Tests.Processes;
using Carousel.Testing;

namespace Carousel.Conformance.Tests.JavaTools;

/// <summary>The Java client, through the tools that produce and consume with it.</summary>
public abstract class DataToolsContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    [Fact]
    public async Task The_console_producer_feeds_the_console_consumer()
    {
        string topic = await Clients.CreateTopicAsync(Unique("console"), 3);
        string input = string.Concat(Enumerable.Range(0, 200).Select(i => $"h:{i}\tk{i % 7}\tvalue {i}\n"));
        await KafkaTool.RunAsync("console-producer", input,
        [
            "--bootstrap-server", Broker.Address, "--topic", topic, "--compression-codec", "zstd", "--reader-property", "parse.key=true", "--reader-property", "parse.headers=true",
        ]);
        string[] lines = await KafkaTool.RunAsync(
            "console-consumer", "--bootstrap-server", Broker.Address, "--topic", topic, "--from-beginning", "--max-messages", "200", "--group", Unique("console"),
            "--formatter-property", "print.key=true", "--formatter-property", "print.headers=true");
        Assert.Equal(input.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
        foreach (IGrouping<string, string> key in lines.GroupBy(line => line.Split('\t')[1]))
        {
            Assert.Equal(key.OrderBy(Number), key);
        }

        static int Number(string line) => int.Parse(line.Split('\t')[0][2..], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task The_performance_producer_writes_plainly_idempotently_and_in_transactions_and_the_consumer_reads_it_all()
    {
        string topic = await Clients.CreateTopicAsync(Unique("perf"), 6);
        string[] common = ["--bootstrap-server", Broker.Address, "--topic", topic, "--num-records", "20000", "--record-size", "300", "--throughput", "-1"];
        string[] plain = await KafkaTool.RunAsync("producer-perf", [.. common, "--command-property", "enable.idempotence=false", "acks=1"]);
        string[] idempotent = await KafkaTool.RunAsync("producer-perf", [.. common, "--command-property", "enable.idempotence=true", "acks=all", "compression.type=lz4"]);
        string[] transactional = await KafkaTool.RunAsync("producer-perf", [.. common, "--transactional-id", Unique("perf"), "--transaction-duration-ms", "100"]);
        Assert.All([plain, idempotent, transactional], lines => Assert.StartsWith("20000 records sent", lines[^1], StringComparison.Ordinal));

        string[] consumed = await KafkaTool.RunAsync(
            "consumer-perf", "--bootstrap-server", Broker.Address, "--topic", topic, "--num-records", "60000", "--hide-header", "--command-property", "isolation.level=read_committed");
        Assert.Equal("60000", consumed[^1].Split(',', StringSplitOptions.TrimEntries)[4]);
    }

    [Fact]
    public async Task Verifiable_consumers_share_what_the_verifiable_producer_was_told_is_in()
    {
        const int Count = 2_000;
        string topic = await Clients.CreateTopicAsync(Unique("verifiable"), 4);
        string group = Unique("verifiable");
        string[] consumer = ["--bootstrap-server", Broker.Address, "--topic", topic, "--group-id", group, "--session-timeout", "10000", "--verbose"];
        await using var first = new RunningTool(KafkaTool.StartOrSkip("verifiable-consumer", consumer));
        await using var second = new RunningTool(KafkaTool.StartOrSkip("verifiable-consumer", consumer));
        RunningTool[] consumers = [first, second];
        await Eventually.TrueAsync(
            "both consumers have partitions", () => string.Join(" | ", consumers.Select(each => Assigned(each))), _ => consumers.All(each => Assigned(each) == 2), Patience);

        string[] lines = await KafkaTool.RunAsync("verifiable-producer", "--bootstrap-server", Broker.Address, "--topic", topic, "--max-messages", $"{Count}", "--repeating-keys", "100");
        string[] acknowledged = [.. Events(lines, "producer_send_success").Select(sent => sent.GetProperty("value").GetString()!)];
        Assert.Equal(Count, acknowledged.Distinct().Count());
        await Eventually.TrueAsync("all was consumed", () => consumers.Sum(each => Consumed(each).Length), count => count >= Count, Patience);
        await first.StopAsync();
        await second.StopAsync();
        Assert.Equal(acknowledged.Order(), consumers.SelectMany(Consumed).Order());
    }

    [Fact]
    public async Task The_transactional_copier_aborts_at_random_and_copies_everything_once()
    {
        const int Count = 3_000;
        string source = await Clients.CreateTopicAsync(Unique("copier-source"), 2);
        string target = await Clients.CreateTopicAsync(Unique("copier-target"), 2);
        await KafkaTool.RunAsync("verifiable-producer", "--bootstrap-server", Broker.Address, "--topic", source, "--max-messages", $"{Count}");
        string[] lines = await KafkaTool.RunAsync(
            "txn-copier", "--broker-list", Broker.Address, "--input-topic", source, "--input-partition", "0", "--output-topic", target, "--consumer-group", Unique("copier"),
            "--transactional-id", Unique("copier"), "--transaction-size", "100", "--group-mode", "--use-group-metadata", "--enable-random-aborts");
        Assert.Contains(lines, line => line.Contains("ShutdownComplete", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(
            Enumerable.Range(0, Count).Select(i => $"{i}").Order(StringComparer.Ordinal),
            Clients.ReadAll(target, 2).Select(record => record.Message.Value!).Order(StringComparer.Ordinal));
    }

    private static int Assigned(RunningTool consumer) =>
        Events(consumer.Lines, "partitions_assigned").LastOrDefault() is { ValueKind: JsonValueKind.Object } last ? last.GetProperty("partitions").GetArrayLength() : 0;

    private static string[] Consumed(RunningTool consumer) => [.. Events(consumer.Lines, "record_data").Select(record => record.GetProperty("value").GetString()!)];

    private static IEnumerable<JsonElement> Events(IEnumerable<string> lines, string name) => lines
        .Where(line => line.StartsWith('{'))
        .Select(line => JsonDocument.Parse(line).RootElement)
        .Where(parsed => parsed.GetProperty("name").GetString() == name);
}

public sealed class DataToolsOnEmbeddedTests(SharedBrokers brokers) : DataToolsContract(brokers, BrokerKind.Embedded);

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class DataToolsOnKafkaTests(SharedBrokers brokers) : DataToolsContract(brokers, BrokerKind.Kafka);
