using Carousel.Conformance.Tests.Brokers;
using Carousel.Conformance.Tests.Processes;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.JavaTools;

/// <summary>
/// Kafka's DumpLogSegments reads every file that a broker leaves when it stops: the file formats are Kafka's. While the embedded broker runs, the last
/// segment ends in zero bytes that it has reserved, at which the tool stops with an error.
/// </summary>
public abstract class DumpLogContract
{
    private const int Transactions = 6;

    private protected static async Task ReadEveryFileAsync(IBrokerUnderTest broker)
    {
        const string Group = "dump-group";
        const string TransactionalId = "dump-id";
        var clients = new ConfluentClients(broker.Address);
        string topic = await clients.CreateTopicAsync("dump", configs: new() { ["segment.bytes"] = "1048576", ["index.interval.bytes"] = "0" });
        Write(clients, topic, Group, TransactionalId);
        await broker.StopAsync();

        string[] files = [.. Directory.GetFiles(Path.Combine(broker.LogDirectory, $"{topic}-0")).Order(StringComparer.Ordinal)];
        foreach (string extension in (string[])[".log", ".index", ".timeindex", ".txnindex", ".snapshot"])
        {
            Assert.Contains(files, file => file.EndsWith(extension, StringComparison.Ordinal));
        }

        string[] dumpable = [.. files.Where(file => Path.GetExtension(file) is ".log" or ".index" or ".timeindex" or ".txnindex" or ".snapshot")];
        Assert.True(dumpable.Count(file => file.EndsWith(".log", StringComparison.Ordinal)) > 2, "The topic has too few segments to tell.");
        string[] lines = await DumpAsync("--deep-iteration", dumpable);
        AssertSound(lines);
        Assert.Equal(Transactions - (Transactions / 3), lines.Count(line => line.Contains("endTxnMarker: COMMIT", StringComparison.Ordinal)));
        Assert.Equal(Transactions / 3, lines.Count(line => line.Contains("endTxnMarker: ABORT", StringComparison.Ordinal)));
        Assert.Equal(Transactions / 3, lines.Count(line => line.StartsWith("version: 0 producerId: ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("producerId: ", StringComparison.Ordinal) && line.Contains("currentTxnFirstOffset: ", StringComparison.Ordinal));

        string[] offsets = await DumpAsync("--offsets-decoder", [.. LogsOf(broker, "__consumer_offsets")]);
        AssertSound(offsets);
        Assert.Contains(offsets, line => line.Contains(Group, StringComparison.Ordinal) && line.Contains($"\"topic\":\"{topic}\"", StringComparison.Ordinal));
        string[] states = await DumpAsync("--transaction-log-decoder", [.. LogsOf(broker, "__transaction_state")]);
        AssertSound(states);
        Assert.Contains(states, line => line.Contains(TransactionalId, StringComparison.Ordinal) && line.Contains("\"transactionStatus\":4", StringComparison.Ordinal));
    }

    private static void AssertSound(string[] lines)
    {
        Assert.DoesNotContain(lines, line => line.Contains("isvalid: false", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("Found timestamp mismatch", StringComparison.Ordinal) || line.Contains("Mismatches in", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("Non-consecutive offsets", StringComparison.Ordinal) || line.Contains("Found out of order", StringComparison.Ordinal));
    }

    private static Task<string[]> DumpAsync(string option, string[] files) => KafkaTool.RunAsync("dump-log", option, "--files", string.Join(',', files));

    private static IEnumerable<string> LogsOf(IBrokerUnderTest broker, string stateTopic) => Directory.GetDirectories(broker.LogDirectory, stateTopic + "-*")
        .SelectMany(folder => Directory.GetFiles(folder, "*.log"))
        .Where(file => new FileInfo(file).Length > 0);

    /// <summary>Some megabytes, so that segments roll, in transactions every third of which is aborted, with offsets in each.</summary>
    private static void Write(ConfluentClients clients, string topic, string group, string transactionalId)
    {
        using IProducer<string?, byte[]> producer = clients.Producer<string?, byte[]>(config => config.TransactionalId = transactionalId);
        producer.InitTransactions(BrokerContract.Patience);
        using IConsumer<string?, string?> consumer = clients.Consumer(group);
        for (int i = 0; i < Transactions; i++)
        {
            producer.BeginTransaction();
            for (int n = 0; n < 20; n++)
            {
                producer.Produce(topic, new Message<string?, byte[]> { Value = new byte[40_000] });
            }

            if (i % 3 == 2)
            {
                producer.Flush(BrokerContract.Patience);
                producer.AbortTransaction(BrokerContract.Patience);
            }
            else
            {
                producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, i)], consumer.ConsumerGroupMetadata, BrokerContract.Patience);
                producer.CommitTransaction(BrokerContract.Patience);
            }
        }
    }
}

public sealed class DumpLogOnEmbeddedTests : DumpLogContract
{
    [Fact]
    public async Task Every_file_of_a_partition_and_of_both_state_topics_is_readable()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartNewAsync();
        await ReadEveryFileAsync(broker);
    }
}

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class DumpLogOnKafkaTests : DumpLogContract
{
    [Fact]
    public async Task Every_file_of_a_partition_and_of_both_state_topics_is_readable()
    {
        await using KafkaBroker broker = await KafkaBroker.StartOrSkipAsync();
        await ReadEveryFileAsync(broker);
    }
}
