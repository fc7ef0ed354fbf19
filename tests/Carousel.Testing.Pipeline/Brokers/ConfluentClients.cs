using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Carousel.Testing.Pipeline.Brokers;

/// <summary>Clients of Confluent.Kafka (librdkafka) with its own defaults, as a stranger to Carousel would use them. The caller disposes them.</summary>
internal sealed class ConfluentClients(string address)
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(120);

    /// <summary>For topics whose records are dated long ago: their age is no reason to delete them while the test looks.</summary>
    public static Dictionary<string, string> KeptForever => new() { ["retention.ms"] = "-1" };

    public IProducer<string?, string?> Producer(Action<ProducerConfig>? configure = null) => Producer<string?, string?>(configure);

    public IProducer<TKey, TValue> Producer<TKey, TValue>(Action<ProducerConfig>? configure = null)
    {
        var config = new ProducerConfig { BootstrapServers = address, EnableIdempotence = true, LingerMs = 5 };
        configure?.Invoke(config);
        return new ProducerBuilder<TKey, TValue>(config).SetLogHandler(Ignore).SetErrorHandler(Ignore).Build();
    }

    public IConsumer<string?, string?> Consumer(string group, Action<ConsumerConfig>? configure = null) => ConsumerBuilder<string?, string?>(group, configure).Build();

    public ConsumerBuilder<TKey, TValue> ConsumerBuilder<TKey, TValue>(string group, Action<ConsumerConfig>? configure = null)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = address, GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false, EnablePartitionEof = true,
        };
        configure?.Invoke(config);
        return new ConsumerBuilder<TKey, TValue>(config).SetLogHandler(Ignore).SetErrorHandler(Ignore);
    }

    public IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = address }).SetLogHandler(Ignore).SetErrorHandler(Ignore).Build();

    /// <summary>Returns when the broker leads all partitions.</summary>
    public async Task<string> CreateTopicAsync(string topic, int partitionCount = 1, Dictionary<string, string>? configs = null)
    {
        using IAdminClient admin = Admin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitionCount, ReplicationFactor = 1, Configs = configs }]);
        await Eventually.TrueAsync(
            $"{topic} has {partitionCount} led partitions",
            () => admin.GetMetadata(topic, ReadTimeout).Topics.Single().Partitions.Count(partition => partition.Leader >= 0),
            led => led == partitionCount,
            ReadTimeout);
        return topic;
    }

    /// <summary>Everything that is visible in the topic now, partition after partition, in offset order.</summary>
    public IReadOnlyList<ConsumeResult<string?, string?>> ReadAll(string topic, int partitionCount = 1, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        using IConsumer<string?, string?> consumer = Consumer("reader", config => config.IsolationLevel = isolation);
        consumer.Assign(Enumerable.Range(0, partitionCount).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        return ReadToEnds(consumer, partitionCount);
    }

    /// <summary>Reads until the ends of so many partitions have been met.</summary>
    public static IReadOnlyList<ConsumeResult<TKey, TValue>> ReadToEnds<TKey, TValue>(IConsumer<TKey, TValue> consumer, int partitionCount)
    {
        var records = new List<ConsumeResult<TKey, TValue>>();
        var ended = new HashSet<Partition>();
        while (ended.Count < partitionCount)
        {
            ConsumeResult<TKey, TValue> result = consumer.Consume(ReadTimeout)
                ?? throw new TimeoutException($"Waited {ReadTimeout.TotalSeconds} s for the ends of {partitionCount} partitions: {ended.Count} ended, {records.Count} records read.");
            if (result.IsPartitionEOF)
            {
                ended.Add(result.Partition);
            }
            else
            {
                records.Add(result);
            }
        }

        return [.. records.OrderBy(record => record.Partition.Value).ThenBy(record => record.Offset.Value)];
    }

    private static void Ignore<T>(IClient client, T message)
    {
    }
}
