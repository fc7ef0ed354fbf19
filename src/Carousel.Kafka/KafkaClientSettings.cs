using Confluent.Kafka;

namespace Carousel.Kafka;

/// <summary>The client settings that Carousel's promises rest on, in one place.</summary>
public static class KafkaClientSettings
{
    /// <summary>
    /// The shortest time in which librdkafka can resend an EndTxn without telling anybody: 200 ms before it reconnects, or 100 ms before it retries.
    /// A commit that was answered faster than <see cref="TornTransactionLimit"/> can't have been resent. The three are one setting.
    /// </summary>
    public static readonly TimeSpan ReconnectBackoff = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc cref="ReconnectBackoff"/>
    public static readonly TimeSpan RetryBackoff = TimeSpan.FromMilliseconds(100);

    /// <summary>A commit that took longer may have left a straggler behind (KAFKA-17754): the next transaction starts on a fresh producer.</summary>
    public static readonly TimeSpan TornTransactionLimit = TimeSpan.FromMilliseconds(70);

    /// <summary>Below the session timeout, so that a dead instance's transaction never outlives its membership by long.</summary>
    public static readonly TimeSpan TransactionTimeout = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// An instance that no longer polls, though its client still sends heartbeats, is expelled after this. A stage polls every 100 ms, and for as long
    /// as it drains revoked partitions at the longest.
    /// </summary>
    public static readonly TimeSpan PollIntervalMax = TimeSpan.FromSeconds(45);

    private static readonly string[] Protected =
    [
        "acks", "request.required.acks", "enable.idempotence", "retries", "message.send.max.retries", "max.in.flight", "max.in.flight.requests.per.connection",
        "isolation.level", "enable.auto.commit", "enable.auto.offset.store", "transactional.id", "transaction.timeout.ms", "partition.assignment.strategy",
        "reconnect.backoff.ms", "retry.backoff.ms", "partitioner", "group.id", "group.instance.id", "bootstrap.servers", "metadata.broker.list",
    ];

    /// <summary>acks=all, idempotent, in order, never giving up on its own before the message timeout; keys are hashed as Kafka's Java clients do.</summary>
    public static ProducerConfig Producer(KafkaOptions options, string clientId) => WithCommon(new ProducerConfig(), options, clientId, config =>
    {
        config.Acks = Acks.All;
        config.EnableIdempotence = true;
        config.MessageSendMaxRetries = int.MaxValue;
        config.MaxInFlight = 5;
        config.Partitioner = Partitioner.Murmur2Random;
        config.LingerMs = 5;
        config.BatchSize = 256 * 1024;
    });

    public static ProducerConfig TransactionalProducer(KafkaOptions options, string clientId, string transactionalId)
    {
        ProducerConfig config = Producer(options, clientId);
        config.TransactionalId = transactionalId;
        config.TransactionTimeoutMs = (int)TransactionTimeout.TotalMilliseconds;
        config.ReconnectBackoffMs = (int)ReconnectBackoff.TotalMilliseconds;
        config.RetryBackoffMs = (int)RetryBackoff.TotalMilliseconds;

        // The engine's window bounds what is queued; librdkafka's own bound must only be out of the way.
        config.QueueBufferingMaxMessages = 2_000_000;
        config.QueueBufferingMaxKbytes = 1_048_576;
        config.LingerMs = 1;

        // A record that can't be written fails the transaction; a report per record would only cost.
        config.EnableDeliveryReports = false;
        return config;
    }

    /// <summary>Reads only what is committed, from the beginning where the group has no offset; offsets are committed by transactions alone.</summary>
    /// <param name="instanceId">The member's <c>group.instance.id</c> (KIP-345), or null.</param>
    public static ConsumerConfig Consumer(KafkaOptions options, string clientId, string group, string? instanceId = null) => WithCommon(new ConsumerConfig(), options, clientId, config =>
    {
        config.GroupId = group;
        if (instanceId is not null)
        {
            config.GroupInstanceId = instanceId;
        }

        config.IsolationLevel = IsolationLevel.ReadCommitted;
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
        config.SessionTimeoutMs = (int)SessionTimeout.TotalMilliseconds;
        config.HeartbeatIntervalMs = 3_000;
        config.MaxPollIntervalMs = (int)PollIntervalMax.TotalMilliseconds;

        // Prefetch is memory: 16 MiB in all, whatever the number of partitions.
        config.QueuedMaxMessagesKbytes = 16 * 1024;

        // Once that is full, librdkafka waits a second before it looks again, unless told otherwise: long enough for a stage to run dry.
        config.FetchQueueBackoffMs = 20;
        config.FetchMaxBytes = 8 * 1024 * 1024;
        config.MaxPartitionFetchBytes = 2 * 1024 * 1024;
        config.FetchWaitMaxMs = 100;
    });

    /// <summary>Reads what is committed of partitions that are assigned by hand, and says when it has reached their end. Belongs to no group.</summary>
    public static ConsumerConfig Reader(KafkaOptions options, string clientId)
    {
        // librdkafka wants a group's name even where none is joined.
        ConsumerConfig config = Consumer(options, clientId, clientId);
        config.EnablePartitionEof = true;
        config.FetchWaitMaxMs = 20;
        return config;
    }

    public static AdminClientConfig Admin(KafkaOptions options, string clientId) => WithCommon(new AdminClientConfig(), options, clientId, _ => { });

    private static T WithCommon<T>(T config, KafkaOptions options, string clientId, Action<T> configure)
        where T : ClientConfig
    {
        foreach ((string name, string value) in options.Properties)
        {
            if (Protected.Contains(name, StringComparer.Ordinal))
            {
                throw new ArgumentException($"Kafka property {name} can't be set: exactly-once rests on it. Remove it from Kafka:Properties.");
            }

            config.Set(name, value);
        }

        config.BootstrapServers = options.BootstrapServers;
        config.ClientId = clientId;
        config.AllowAutoCreateTopics = false;
        configure(config);
        return config;
    }
}
