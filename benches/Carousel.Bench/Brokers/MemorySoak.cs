using System.Diagnostics;
using Carousel.Kafka;
using Confluent.Kafka;

namespace Carousel.Bench;

/// <summary>
/// Watches the broker's memory while a producer and a reader go at full speed on a topic that retention keeps small. Grown is what ends clearly above where
/// it stood when the first third of the time was over: until then pools and heap find their size.
/// </summary>
internal sealed class MemorySoak(TimeSpan duration)
{
    private const string Topic = "soak";
    private const double GrowthMax = 1.1;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Resident bytes, once a second.</summary>
    private readonly List<long> _samples = [];

    public long PeakBytes => _samples.Max();

    /// <summary>The middle third's median: where it stood once it had found its size.</summary>
    public long SettledBytes => Median(_samples.Count / 3, _samples.Count * 2 / 3);

    /// <summary>The last tenth's median.</summary>
    public long FinalBytes => Median(_samples.Count * 9 / 10, _samples.Count);

    public bool HasGrown => FinalBytes > SettledBytes * GrowthMax;

    /// <summary>Bytes of values sent.</summary>
    public long SentBytes { get; private set; }

    public async Task RunAsync(MeasuredBroker broker, int valueBytes)
    {
        await broker.CreateTopicAsync(Topic, BrokerBench.Partitions, ("segment.bytes", "67108864"), ("retention.bytes", "268435456"));
        using var end = new CancellationTokenSource();
        var load = new ProduceLoad(records: 0, valueBytes, ProduceLoad.PipelineBatchBytes);
        using IProducer<byte[], byte[]> producer = load.Build(broker);
        Task producing = Task.Run(() => load.Send(producer, Topic, sent => Count(sent, valueBytes, end.Token)), CancellationToken.None);
        Task reading = Task.Run(() => Read(broker, end.Token), CancellationToken.None);
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < duration && !producing.IsCompleted && !reading.IsCompleted)
        {
            await Task.Delay(Interval, CancellationToken.None);
            _samples.Add(broker.Usage.MemoryBytes);
        }

        await end.CancelAsync();
        await Task.WhenAll(producing, reading);
    }

    private bool Count(long sent, int valueBytes, CancellationToken end)
    {
        SentBytes = sent * valueBytes;
        return !end.IsCancellationRequested;
    }

    private static void Read(MeasuredBroker broker, CancellationToken end)
    {
        ConsumerConfig config = KafkaClientSettings.Consumer(broker.Options, "bench", "bench-reader");
        config.ConsumeResultFields = "none";
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build();
        consumer.Assign(Enumerable.Range(0, BrokerBench.Partitions).Select(partition => new TopicPartitionOffset(Topic, partition, Offset.Beginning)));
        while (!end.IsCancellationRequested)
        {
            consumer.Consume(TimeSpan.FromSeconds(1));
        }
    }

    private long Median(int from, int to)
    {
        long[] sorted = [.. _samples[from..Math.Max(from + 1, to)].Order()];
        return sorted[sorted.Length / 2];
    }
}
