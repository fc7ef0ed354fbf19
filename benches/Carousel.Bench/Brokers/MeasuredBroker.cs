using Carousel.Kafka;
using Carousel.Testing;
using Carousel.Testing.Brokers;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Carousel.Bench;

/// <summary>A broker under measurement, in a process of its own. Disposing kills it and deletes its data.</summary>
internal sealed class MeasuredBroker(string name, IBrokerUnderTest process) : IAsyncDisposable
{
    private const int WarmUpRecords = 100_000;

    public string Name => name;

    public IBrokerUnderTest Process => process;

    public KafkaOptions Options { get; } = new() { BootstrapServers = process.Address };

    public ProcessUsage Usage => ProcessUsage.Of(process.ProcessId);

    public static async Task<MeasuredBroker> StartEmbeddedAsync(params string[] arguments) =>
        new("embedded", await EmbeddedBroker.StartNewAsync(arguments));

    public static async Task<MeasuredBroker> StartKafkaAsync() => new("Kafka", await KafkaBroker.StartOrSkipAsync());

    /// <summary>Makes a topic; returns when the broker serves all its partitions.</summary>
    public async Task CreateTopicAsync(string topic, int partitions, params (string Name, string Value)[] configs)
    {
        using IAdminClient admin = new AdminClientBuilder(KafkaClientSettings.Admin(Options, "bench")).Build();
        Dictionary<string, string> values = configs.ToDictionary(config => config.Name, config => config.Value);
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = values }]);
        await Eventually.TrueAsync($"{name} serves {topic}", () => CountRecords(topic, partitions), records => records == 0, TimeSpan.FromSeconds(20));
    }

    /// <summary>Records that a topic's partitions have, with markers of transactions.</summary>
    public long CountRecords(string topic, int partitions)
    {
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(KafkaClientSettings.Reader(Options, "bench")).Build();
        return Enumerable.Range(0, partitions)
            .Select(partition => consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), TimeSpan.FromSeconds(10)))
            .Sum(offsets => offsets.High.Value - offsets.Low.Value);
    }

    /// <summary>Both have a just-in-time compiler: what is measured is how they run once it is done.</summary>
    public async Task WarmUpAsync()
    {
        const string Topic = "warm-up";
        await CreateTopicAsync(Topic, BrokerBench.Partitions);
        foreach (int bytes in (int[])[300, 1_000, 300])
        {
            await new ProduceLoad(WarmUpRecords, bytes, ProduceLoad.PipelineBatchBytes).RunAsync(this, Topic, BrokerBench.Partitions);
        }

        new ConsumeLoad(3 * WarmUpRecords).Run(this, Topic, BrokerBench.Partitions);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
