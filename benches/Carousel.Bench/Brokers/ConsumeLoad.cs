using System.Diagnostics;
using Carousel.Kafka;
using Confluent.Kafka;

namespace Carousel.Bench;

/// <summary>Reads a topic from its beginning, read_committed, until so many records came. The client looks at nothing in them, so that it is seldom what is slow.</summary>
internal sealed class ConsumeLoad(long records)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public Turn Run(MeasuredBroker broker, string topic, int partitions, int valueBytes = 0)
    {
        ConsumerConfig config = KafkaClientSettings.Consumer(broker.Options, "bench", "bench-reader");
        config.ConsumeResultFields = "none";
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build();
        TimeSpan cpu = broker.Usage.Cpu;
        long started = Stopwatch.GetTimestamp();
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        for (long read = 0; read < records; read++)
        {
            if (consumer.Consume(Patience) is null)
            {
                throw new TimeoutException($"Waited {Patience.TotalSeconds} s in vain for another record of {broker.Name}'s {topic}; {read} of {records} came.");
            }
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        return new Turn(records, records * valueBytes, elapsed, broker.Usage.Cpu - cpu);
    }
}
