using System.Collections.Concurrent;
using Confluent.Kafka;

namespace Carousel.Kafka.Tests;

public sealed class KafkaClientSettingsTests
{
    private static readonly KafkaOptions Nowhere = new() { BootstrapServers = "127.0.0.1:1" };

    [Fact]
    public void Librdkafka_runs_producers_with_the_safe_settings()
    {
        Dictionary<string, string> effective = Effective(KafkaClientSettings.Producer(Nowhere, "test"));

        // Kafka's names; librdkafka prints its own for the same settings.
        Assert.Equal("-1", effective["request.required.acks"]);
        Assert.Equal("true", effective["enable.idempotence"]);
        Assert.Equal("2147483647", effective["message.send.max.retries"]);
        Assert.Equal("5", effective["max.in.flight.requests.per.connection"]);
        Assert.Equal("murmur2_random", effective["partitioner"]);
        Assert.Equal("false", effective["allow.auto.create.topics"]);
    }

    [Fact]
    public void Librdkafka_runs_transactional_producers_with_the_safe_settings()
    {
        Dictionary<string, string> effective = Effective(KafkaClientSettings.TransactionalProducer(Nowhere, "test", "test-1"));

        Assert.Equal("-1", effective["request.required.acks"]);
        Assert.Equal("true", effective["enable.idempotence"]);
        Assert.Equal("2147483647", effective["message.send.max.retries"]);
        Assert.Equal("5", effective["max.in.flight.requests.per.connection"]);
        Assert.Equal("test-1", effective["transactional.id"]);
        Assert.Equal("10000", effective["transaction.timeout.ms"]);
        Assert.Equal("200", effective["reconnect.backoff.ms"]);
        Assert.Equal("100", effective["retry.backoff.ms"]);
    }

    [Fact]
    public void Consumers_read_what_is_committed_and_commit_nothing_themselves()
    {
        ConsumerConfig config = KafkaClientSettings.Consumer(Nowhere, "test", "group");

        Assert.Equal(IsolationLevel.ReadCommitted, config.IsolationLevel);
        Assert.Equal((false, false), (config.EnableAutoCommit, config.EnableAutoOffsetStore));
        Assert.Equal(AutoOffsetReset.Earliest, config.AutoOffsetReset);
        Assert.Equal(PartitionAssignmentStrategy.CooperativeSticky, config.PartitionAssignmentStrategy);
        Assert.True(KafkaClientSettings.TransactionTimeout < KafkaClientSettings.SessionTimeout);
    }

    [Fact]
    public void The_torn_transaction_limit_is_below_the_shortest_hidden_retry()
    {
        Assert.True(KafkaClientSettings.TornTransactionLimit < KafkaClientSettings.RetryBackoff);
        Assert.True(KafkaClientSettings.TornTransactionLimit < KafkaClientSettings.ReconnectBackoff);
    }

    [Theory]
    [InlineData("acks")]
    [InlineData("request.required.acks")]
    [InlineData("enable.idempotence")]
    [InlineData("isolation.level")]
    [InlineData("retries")]
    [InlineData("max.in.flight")]
    [InlineData("transactional.id")]
    [InlineData("partitioner")]
    public void A_property_that_exactly_once_rests_on_can_t_be_set(string name)
    {
        var options = new KafkaOptions { BootstrapServers = "x:1", Properties = { [name] = "1" } };

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => KafkaClientSettings.Producer(options, "test"));

        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Remove it", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_properties_reach_every_client()
    {
        var options = new KafkaOptions { BootstrapServers = "x:1", Properties = { ["security.protocol"] = "ssl" } };

        Assert.Equal("ssl", KafkaClientSettings.Producer(options, "test").Get("security.protocol"));
        Assert.Equal("ssl", KafkaClientSettings.Consumer(options, "test", "group").Get("security.protocol"));
        Assert.Equal("ssl", KafkaClientSettings.Admin(options, "test").Get("security.protocol"));
    }

    /// <summary>What librdkafka says that it runs with: with debug=conf it prints every setting that was set, in its own names, when the client is made.</summary>
    private static Dictionary<string, string> Effective(ProducerConfig config)
    {
        config.Debug = "conf";
        var lines = new ConcurrentQueue<string>();
        using (IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, message) => lines.Enqueue(message.Message)).SetErrorHandler((_, _) => { }).Build())
        {
            // Log lines are delivered while the client is polled.
            producer.Poll(TimeSpan.FromMilliseconds(500));
        }

        return lines
            .Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].Trim().Split(" = ", 2))
            .Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0])
            .ToDictionary(group => group.Key, group => group.Last()[1]);
    }
}
