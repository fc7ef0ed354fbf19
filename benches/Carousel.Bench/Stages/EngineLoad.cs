using System.Buffers.Binary;
using Carousel.Kafka;
using Carousel.Stages;
using Carousel.Stages.Log;
using Carousel.Stages.Log.Kafka;
using Carousel.Testing;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using System.Diagnostics.Metrics;

namespace Carousel.Bench;

/// <summary>
/// The engine alone, in this process: a stage whose handler passes records on as they are, so that what is measured is the engine and nothing else.
/// One record in a hundred has a key of those that a handler may be told to retry without end.
/// </summary>
internal sealed class EngineLoad
{
    private const int Partitions = 24;
    private const int Keys = 20_000;
    private const int RetriedKeys = 100;
    private const int ValueBytes = 300;
    private readonly KafkaOptions _options;
    private readonly string _prefix = TestKafka.UniquePrefix();
    private readonly int _records;
    private int _turns;

    private EngineLoad(KafkaOptions options, int records) => (_options, _records) = (options, records);

    private string Source => $"{_prefix}source";

    private string Progress => $"{_prefix}progress";

    /// <summary>Makes the topics and fills the first one.</summary>
    public static async Task<EngineLoad> PrepareAsync(string kafka, int records)
    {
        var load = new EngineLoad(new KafkaOptions { BootstrapServers = kafka }, records);
        await TestKafka.CreateTopicsAsync(load._options, Partitions, load.Source, load.Progress);
        ProducerConfig config = KafkaClientSettings.Producer(load._options, "bench");
        config.EnableDeliveryReports = false;
        config.QueueBufferingMaxMessages = 10_000_000;
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        for (int i = 0; i < records; i++)
        {
            producer.Produce(load.Source, new Message<byte[], byte[]> { Key = Key(i % Keys), Value = new byte[ValueBytes] });
        }

        await Task.Run(() => producer.Flush(TimeSpan.FromMinutes(2)));
        return load;
    }

    /// <summary>Works the records off with a new group, into a topic of its own.</summary>
    /// <param name="isTransactional">Without transactions results are written at least once.</param>
    /// <param name="isRetrying">Every hundredth key is retried without end. Only the others count, either way.</param>
    public async Task<CommitSpan> RunAsync(bool isTransactional, bool isRetrying)
    {
        string turn = $"{_prefix}turn-{++_turns}";
        await TestKafka.CreateTopicsAsync(_options, Partitions, turn);
        IStageLog log = new KafkaStageLog(_options, "bench", NullLogger.Instance);
        var counted = new CountedLog(
            isTransactional ? log : new UntransactedLog(log, _options),
            _records - (_records / RetriedKeys),
            output => output.Topic == turn && !IsRetried(output.Key));
        await using ServiceProvider metering = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var environment = new StageEnvironment(TimeProvider.System, Random.Shared, metering.GetRequiredService<IMeterFactory>(), NullLogger.Instance);
        var options = new StageOptions
        {
            Name = "bench", Group = turn, Topics = [Source], ProgressTopic = Progress, ShutdownDrainMax = TimeSpan.FromSeconds(1),
        };
        options.Retry.AttemptsMax = 10_000;
        var stage = new Stage(options, counted, new PassOn(turn, isRetrying), new NoDeadLetters(), environment);
        using var stop = new CancellationTokenSource();
        Task running = stage.RunAsync(stop.Token);
        if (await Task.WhenAny(counted.Reached, running) == running)
        {
            await running;
        }

        await stop.CancelAsync();
        await running;
        return await counted.Reached;
    }

    private static byte[] Key(int number)
    {
        byte[] key = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        return key;
    }

    private static bool IsRetried(byte[]? key) => BinaryPrimitives.ReadInt32BigEndian(key) % RetriedKeys == 0;

    private sealed class PassOn(string topic, bool isRetrying) : IRecordHandler
    {
        private static readonly Outcome.Retry Later = new("BENCH", "never ready", null);

        public ValueTask<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken) => ValueTask.FromResult<Outcome>(
            isRetrying && IsRetried(delivery.Record.Key)
                ? Later
                : new Outcome.Completed([new OutputRecord(topic, Partition: null, delivery.Record.Key, delivery.Record.Value, [])]));
    }

    private sealed class NoDeadLetters : IDeadLetterWriter
    {
        public ValueTask<OutputRecord> WriteAsync(SourceRecord source, Outcome.DeadLettered outcome, int attempts, DateTime failedAt, CancellationToken cancellationToken) =>
            throw new InvalidOperationException($"Nothing is dead-lettered here, and {source.Partition}@{source.Offset} was: {outcome.Reason}");
    }
}
