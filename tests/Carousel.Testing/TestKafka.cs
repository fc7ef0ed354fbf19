using System.Globalization;
using Carousel.Kafka;
using Carousel.Testing.Brokers;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Xunit;

namespace Carousel.Testing;

/// <summary>
/// The broker that tests share: the embedded one, or Apache Kafka where <c>CAROUSEL_TEST_BROKER=kafka</c>. Each test makes topics of its own, under a
/// prefix that nobody else has.
/// </summary>
public static class TestKafka
{
    /// <summary>Environment variable with the kind of broker that tests run on: <c>embedded</c>, the default, or <c>kafka</c>.</summary>
    public const string BrokerVariable = "CAROUSEL_TEST_BROKER";

    /// <summary>Environment variable with the <c>host:port</c> of an Apache Kafka.</summary>
    public const string AddressVariable = "CAROUSEL_TEST_KAFKA";

    private static readonly Lazy<EmbeddedBroker> Embedded = new(StartEmbedded);

    public static bool IsEmbedded { get; } = (Environment.GetEnvironmentVariable(BrokerVariable) ?? "") switch
    {
        "" or "embedded" => true,
        "kafka" => false,
        var other => throw new InvalidOperationException($"{BrokerVariable} must be embedded or kafka, and not '{other}'."),
    };

    /// <summary>The broker, or the test is skipped. The embedded one is started by the first who asks, and ends with the process of the tests.</summary>
    public static KafkaOptions RequireOrSkip()
    {
        if (IsEmbedded)
        {
            return new KafkaOptions { BootstrapServers = Embedded.Value.Address };
        }

        string? address = Environment.GetEnvironmentVariable(AddressVariable);
        if (string.IsNullOrEmpty(address))
        {
            Assert.Skip($"Needs Apache Kafka: set {AddressVariable}=host:port, or run ./test beside ../shared/kafka.");
        }

        return new KafkaOptions { BootstrapServers = address! };
    }

    /// <summary>A broker of the same kind for a test that kills it or puts a proxy before it, or the test is skipped. Returns when it answers.</summary>
    /// <param name="advertisedPort">Where clients are told to connect, such as a <see cref="TcpProxy"/>'s port; the broker's own by default.</param>
    public static async Task<IBrokerUnderTest> StartOwnOrSkipAsync(int? advertisedPort = null)
    {
        if (!IsEmbedded)
        {
            return await KafkaBroker.StartOrSkipAsync(advertisedPort);
        }

        string[] advertised = advertisedPort is { } port ? ["--advertised-port", port.ToString(CultureInfo.InvariantCulture)] : [];
        return await EmbeddedBroker.StartNewAsync(advertised);
    }

    /// <summary>A prefix for topics, groups and transactional ids, such as <c>t-3f2a….</c>.</summary>
    public static string UniquePrefix() => $"t-{Guid.NewGuid():N}.";

    /// <summary>Creates the topics with one replica; returns when the broker leads all their partitions.</summary>
    public static async Task CreateTopicsAsync(KafkaOptions options, int partitionCount, params string[] topics)
    {
        using IAdminClient admin = new AdminClientBuilder(KafkaClientSettings.Admin(options, "test")).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync(topics.Select(topic => new TopicSpecification { Name = topic, NumPartitions = partitionCount, ReplicationFactor = 1 }));
        await Eventually.TrueAsync(
            $"topics {string.Join(", ", topics)} have {partitionCount} led partitions each",
            () => topics.Sum(topic => LedPartitions(admin, topic)),
            led => led == topics.Length * partitionCount,
            TimeSpan.FromSeconds(90));
    }

    /// <summary>Everything that a read_committed reader finds in the topic now, partition after partition, in offset order.</summary>
    public static IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> ReadCommitted(KafkaOptions options, string topic, int partitionCount)
    {
        ConsumerConfig config = KafkaClientSettings.Consumer(options, "test-reader", UniquePrefix());
        config.EnablePartitionEof = true;
        using IConsumer<byte[]?, byte[]?> consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, partitionCount).Select(number => new TopicPartitionOffset(topic, number, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[]?, byte[]?>>();
        var ended = new HashSet<int>();
        while (ended.Count < partitionCount)
        {
            ConsumeResult<byte[]?, byte[]?> result = consumer.Consume(TimeSpan.FromSeconds(120))
                ?? throw new TimeoutException($"Waited 30 s for the end of {topic}: {ended.Count} of {partitionCount} partitions ended, {records.Count} records read.");
            if (result.IsPartitionEOF)
            {
                ended.Add(result.Partition.Value);
            }
            else
            {
                records.Add(result);
            }
        }

        return [.. records.OrderBy(record => record.Partition.Value).ThenBy(record => record.Offset.Value)];
    }

    private static int LedPartitions(IAdminClient admin, string topic) =>
        admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Count(partition => partition.Leader >= 0);

    /// <summary>Tests ask from constructors and initializers, which can't await.</summary>
    private static EmbeddedBroker StartEmbedded()
    {
        EmbeddedBroker broker = Task.Run(() => EmbeddedBroker.StartNewAsync()).GetAwaiter().GetResult();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => broker.DisposeAsync().AsTask().Wait();
        return broker;
    }
}
