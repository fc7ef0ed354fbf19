using System.Diagnostics;
using Carousel.Kafka;
using Confluent.Kafka;
using HdrHistogram;

namespace Carousel.Bench;

/// <summary>
/// Records at a steady rate, whatever the answers do, each sent at once. A latency counts from when the record was due, so that a stall shows in all that
/// should have been sent meanwhile.
/// </summary>
internal sealed class LatencyLoad(int ratePerSecond, TimeSpan duration)
{
    private const int ValueBytes = 1_000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <returns>Microseconds from due to acknowledged.</returns>
    public async Task<LongHistogram> RunAsync(MeasuredBroker broker, string topic)
    {
        ProducerConfig config = KafkaClientSettings.Producer(broker.Options, "bench");
        config.LingerMs = 0;
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        var latencies = new LongHistogram(TimeSpan.TicksPerMinute, 3);
        await Task.Factory.StartNew(
            () =>
            {
                Send(producer, topic, ratePerSecond, new LongHistogram(TimeSpan.TicksPerMinute, 3));
                Send(producer, topic, (int)(ratePerSecond * duration.TotalSeconds), latencies);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        return latencies;
    }

    /// <summary>On a thread of its own, which sleeps until the next is due: a timer of the runtime is some milliseconds late, more than what is measured.</summary>
    private void Send(IProducer<byte[], byte[]> producer, string topic, int count, LongHistogram latencies)
    {
        byte[] value = new byte[ValueBytes];
        Random.Shared.NextBytes(value);
        int acknowledged = 0;
        long started = Stopwatch.GetTimestamp();
        for (int sent = 0; sent < count;)
        {
#pragma warning disable RS0030 // A rate is a matter of time: there is no event to await.
            Thread.Sleep(Tick);
#pragma warning restore RS0030
            int due = Math.Min(count, (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * ratePerSecond));
            for (; sent < due; sent++)
            {
                TimeSpan dueAt = TimeSpan.FromSeconds((double)sent / ratePerSecond);
                producer.Produce(topic, new Message<byte[], byte[]> { Key = BitConverter.GetBytes(sent), Value = value }, report =>
                {
                    if (report.Error.IsError)
                    {
                        throw new InvalidOperationException($"A record wasn't taken: {report.Error.Reason}");
                    }

                    // All reports come on one thread.
                    latencies.RecordValue(Math.Max(0, (long)(Stopwatch.GetElapsedTime(started) - dueAt).TotalMicroseconds));
                    acknowledged++;
                });
            }
        }

        producer.Flush(TimeSpan.FromMinutes(1));
        if (acknowledged != count)
        {
            throw new InvalidOperationException($"{acknowledged} records of {count} were acknowledged.");
        }
    }
}
