using Carousel.Kafka;
using Carousel.Registry.Server.Log;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Carousel.Registry.Server;

/// <summary>The topic and the client settings that the registry's log relies on.</summary>
internal static class SchemasTopic
{
    private const string ClientId = "carousel-registry";
    private const string CleanupPolicy = "cleanup.policy";

    /// <summary>
    /// All instances share one transactional id per topic: the broker lets only the newest producer of an id write, which is what makes
    /// them take turns.
    /// </summary>
    public static ProducerConfig ProducerConfig(RegistryOptions options)
    {
        ProducerConfig config = KafkaClientSettings.TransactionalProducer(options.Kafka, ClientId, $"{ClientId}-{options.Topic}");
        config.EnableDeliveryReports = true;
        config.LingerMs = 0;
        return config;
    }

    public static ConsumerConfig ConsumerConfig(RegistryOptions options)
    {
        // Every instance reads everything, so there is no group to join; librdkafka wants a name all the same.
        ConsumerConfig config = KafkaClientSettings.Consumer(options.Kafka, ClientId, ClientId);
        config.EnablePartitionEof = true;

        // The end of a log whose last record is a transaction marker is only reported by an empty fetch, so this is what a write waits.
        config.FetchWaitMaxMs = 50;
        config.ReconnectBackoffMaxMs = 1_000;
        return config;
    }

    /// <summary>Creates the topic if it is missing and checks it if it is there. Returns the cluster's id.</summary>
    /// <exception cref="SchemasLogException">The topic is there with other settings than the log needs.</exception>
    /// <exception cref="KafkaException">Kafka gave no answer.</exception>
    public static async Task<string> EnsureAsync(RegistryOptions options)
    {
        using var admin = new AdminClientBuilder(KafkaClientSettings.Admin(options.Kafka, ClientId)).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        var timeout = TimeSpan.FromSeconds(5);
        var cluster = await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = timeout });
        try
        {
            var specification = new TopicSpecification
            {
                Name = options.Topic,
                NumPartitions = 1,
                ReplicationFactor = options.ReplicationFactor,
                Configs = new Dictionary<string, string>(StringComparer.Ordinal) { [CleanupPolicy] = "compact" },
            };
            await admin.CreateTopicsAsync([specification], new CreateTopicsOptions { RequestTimeout = timeout, OperationTimeout = timeout });
        }
        catch (CreateTopicsException exception) when (exception.Results.TrueForAll(each => each.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            await CheckAsync(admin, options.Topic, timeout);
        }

        return cluster.ClusterId;
    }

    private static async Task CheckAsync(IAdminClient admin, string topic, TimeSpan timeout)
    {
        var described = await admin.DescribeTopicsAsync(
            TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = timeout });
        var partitions = described.TopicDescriptions[0].Partitions.Count;
        if (partitions != 1)
        {
            throw new SchemasLogException($"Topic '{topic}' has {partitions} partitions; the registry needs exactly 1, because their order is "
                + "what it agrees on. Name another topic, or move its records to a topic of one partition.", isTimeout: false);
        }

        var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic };
        var configs = await admin.DescribeConfigsAsync([resource], new DescribeConfigsOptions { RequestTimeout = timeout });
        var policy = configs[0].Entries.TryGetValue(CleanupPolicy, out var entry) ? entry.Value : "unknown";
        if (policy != "compact")
        {
            throw new SchemasLogException($"Topic '{topic}' has cleanup.policy={policy}; the registry needs compact, or Kafka would delete schemas "
                + $"that are in use. Run: kafka-configs --alter --entity-type topics --entity-name {topic} --add-config cleanup.policy=compact",
                isTimeout: false);
        }
    }
}
