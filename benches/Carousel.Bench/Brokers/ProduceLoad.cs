using System.Diagnostics;
using Carousel.Kafka;
using Confluent.Kafka;

namespace Carousel.Bench;

/// <summary>
/// Records of one size, acks=all and idempotent, as fast as the client can. The values are random bytes, so nothing gains by them, and keys spread them
/// evenly. The time counts until everything is acknowledged; then the partitions are asked whether they have it all.
/// </summary>
/// <param name="batchBytes">The producer's batch.size.</param>
internal sealed class ProduceLoad(int records, int valueBytes, int batchBytes)
{
    /// <summary>What Kafka's own producer does unless told otherwise.</summary>
    public const int DefaultBatchBytes = 16 * 1024;

    /// <summary>What the pipeline's producers do.</summary>
    public const int PipelineBatchBytes = 256 * 1024;

    private const int Keys = 4096;
    private static readonly byte[][] KeyBytes = [.. Enumerable.Range(0, Keys).Select(key => BitConverter.GetBytes((long)key))];

    public async Task<Turn> RunAsync(MeasuredBroker broker, string topic, int partitions)
    {
        long before = broker.CountRecords(topic, partitions);
        using IProducer<byte[], byte[]> producer = Build(broker);
        TimeSpan cpu = broker.Usage.Cpu;
        long started = Stopwatch.GetTimestamp();
        await Task.Run(() => Send(producer, topic, sent => sent < records));
        producer.Flush(TimeSpan.FromMinutes(5));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        cpu = broker.Usage.Cpu - cpu;
        long stored = broker.CountRecords(topic, partitions) - before;
        return stored == records
            ? new Turn(records, (long)records * valueBytes, elapsed, cpu)
            : throw new InvalidOperationException($"{broker.Name} has {stored} records of {records} that were sent.");
    }

    /// <summary>Goes on until it is told not to, or the client has failed.</summary>
    public void Send(IProducer<byte[], byte[]> producer, string topic, Func<long, bool> goesOn)
    {
        byte[][] values = [.. Enumerable.Range(0, 64).Select(_ => RandomBytes(valueBytes))];
        for (long sent = 0; goesOn(sent);)
        {
            try
            {
                producer.Produce(topic, new Message<byte[], byte[]> { Key = KeyBytes[sent % Keys], Value = values[sent % values.Length] });
                sent++;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(5));
            }
        }
    }

    public IProducer<byte[], byte[]> Build(MeasuredBroker broker)
    {
        ProducerConfig config = KafkaClientSettings.Producer(broker.Options, "bench");
        config.EnableDeliveryReports = false;
        config.BatchSize = batchBytes;

        // What fails shows in the count; and that a broker is gone is no news to who killed it.
        return new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
    }

    private static byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }
}
