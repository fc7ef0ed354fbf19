using Carousel.Conformance.Tests.Brokers;
using Carousel.Conformance.Tests.Processes;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.JavaTools;

/// <summary>kafka-transactions, with which an operator finds out who holds readers back, and ends it.</summary>
public abstract class TransactionToolContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    [Fact]
    public async Task An_open_transaction_is_listed_described_and_aborted_by_force()
    {
        string topic = await Clients.CreateTopicAsync(Unique("open"));
        string transactionalId = Unique("open");
        using IProducer<string?, string?> producer = Clients.Producer(config => (config.TransactionalId, config.TransactionTimeoutMs) = (transactionalId, 600_000));
        producer.InitTransactions(Patience);
        producer.BeginTransaction();
        await producer.ProduceAsync(topic, new Message<string?, string?> { Value = "open" });

        string listed = Assert.Single(await ToolAsync("list"), line => line.StartsWith(transactionalId, StringComparison.Ordinal));
        string[] fields = listed.Split('\t', StringSplitOptions.TrimEntries);
        Assert.Equal(("1", "Ongoing"), (fields[1], fields[3]));
        string producerId = fields[2];
        Assert.Contains(await ToolAsync("describe", "--transactional-id", transactionalId), line => line.Contains($"{topic}-0", StringComparison.Ordinal) && line.Contains("Ongoing", StringComparison.Ordinal));
        string[] producers = await ToolAsync("describe-producers", "--topic", topic, "--partition", "0");
        string[] described = Assert.Single(producers, line => line.StartsWith(producerId, StringComparison.Ordinal)).Split('\t', StringSplitOptions.TrimEntries);
        Assert.Equal("0", described[^1]);

        // Hanging is what no coordinator knows any more, or what outlives its timeout: this one is sound.
        Assert.Single(await ToolAsync("find-hanging", "--topic", topic));

        await ToolAsync("abort", "--topic", topic, "--partition", "0", "--start-offset", "0");
        Assert.Empty(Clients.ReadAll(topic));
        using IProducer<string?, string?> other = Clients.Producer();
        await other.ProduceAsync(topic, new Message<string?, string?> { Value = "after" });
        Assert.Equal("after", Assert.Single(Clients.ReadAll(topic)).Message.Value);
    }

    private Task<string[]> ToolAsync(params string[] arguments) => KafkaTool.RunAsync("transactions", ["--bootstrap-server", Broker.Address, .. arguments]);
}

public sealed class TransactionToolOnEmbeddedTests(SharedBrokers brokers) : TransactionToolContract(brokers, BrokerKind.Embedded);

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class TransactionToolOnKafkaTests(SharedBrokers brokers) : TransactionToolContract(brokers, BrokerKind.Kafka);
