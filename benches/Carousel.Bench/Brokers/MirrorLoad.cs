using System.Diagnostics;
using Carousel.Kafka;
using Confluent.Kafka;
using HdrHistogram;

namespace Carousel.Bench;

/// <summary>
/// Consume, produce, send the offsets, commit: the cycle of an exactly-once stage that does nothing else. The time counts from the first record to the last
/// commit; then the copy is read back, read_committed.
/// </summary>
internal sealed class MirrorLoad(int records, int recordsPerTransaction, int valueBytes)
{
    public const int Partitions = 24;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Microseconds from the call of commit to its return, over all turns.</summary>
    public LongHistogram CommitTimes { get; } = new(TimeSpan.FromMinutes(1).Ticks / TimeSpan.TicksPerMicrosecond, 3);

    public async Task<Turn> RunAsync(MeasuredBroker broker, string source, string target)
    {
        await broker.CreateTopicAsync(target, Partitions);
        Turn turn = await Task.Run(() => Mirror(broker, source, target));
        new ConsumeLoad(records).Run(broker, target, Partitions);
        return turn;
    }

    private Turn Mirror(MeasuredBroker broker, string source, string target)
    {
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(KafkaClientSettings.Consumer(broker.Options, "bench", target)).Build();
        ProducerConfig config = KafkaClientSettings.TransactionalProducer(broker.Options, "bench", target);
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        producer.InitTransactions(Patience);
        consumer.Subscribe(source);
        ConsumeResult<byte[], byte[]> next = Next(consumer, broker, 0);
        TimeSpan cpu = broker.Usage.Cpu;
        long started = Stopwatch.GetTimestamp();
        var offsets = new Dictionary<TopicPartition, Offset>();
        for (int mirrored = 0; mirrored < records;)
        {
            producer.BeginTransaction();
            for (int end = Math.Min(records, mirrored + recordsPerTransaction); mirrored < end;)
            {
                producer.Produce(new TopicPartition(target, next.Partition), next.Message);
                offsets[next.TopicPartition] = next.Offset + 1;
                mirrored++;
                next = mirrored < records ? Next(consumer, broker, mirrored) : next;
            }

            producer.SendOffsetsToTransaction(offsets.Select(entry => new TopicPartitionOffset(entry.Key, entry.Value)), consumer.ConsumerGroupMetadata, Patience);
            offsets.Clear();
            long commit = Stopwatch.GetTimestamp();
            producer.CommitTransaction(Patience);
            CommitTimes.RecordValue((long)Stopwatch.GetElapsedTime(commit).TotalMicroseconds);
        }

        return new Turn(records, (long)records * valueBytes, Stopwatch.GetElapsedTime(started), broker.Usage.Cpu - cpu);
    }

    private ConsumeResult<byte[], byte[]> Next(IConsumer<byte[], byte[]> consumer, MeasuredBroker broker, int mirrored) =>
        consumer.Consume(Patience)
        ?? throw new TimeoutException($"Waited {Patience.TotalSeconds} s in vain for another record of {broker.Name}; {mirrored} of {records} came.");
}
