using Carousel.Kafka;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Confluent.Kafka;
using HdrHistogram;

namespace Carousel.Bench;

/// <summary>Reads <c>orders-fulfilled</c> as any reader would, read_committed, and notes when orders became visible and how long they had taken.</summary>
internal sealed class FulfilledWatch : IDisposable
{
    private readonly IConsumer<Ignore, byte[]> _consumer;
    private readonly OrderValues _values;

    public FulfilledWatch(KafkaOptions kafka, CarouselTopics topics, OrderValues values)
    {
        _values = values;
        _consumer = new ConsumerBuilder<Ignore, byte[]>(KafkaClientSettings.Consumer(kafka, "bench", $"bench-{Guid.NewGuid():N}")).Build();
        _consumer.Assign(Enumerable.Range(0, CarouselTopics.PartitionCount).Select(partition => new TopicPartitionOffset(topics.OrdersFulfilled, partition, Offset.Beginning)));
    }

    /// <summary>Microseconds from createdAt, given by the gateway, to fulfilledAt.</summary>
    public LongHistogram Latency { get; private set; } = NewHistogram();

    public void ResetLatency() => Latency = NewHistogram();

    /// <summary>Reads until so many orders were seen.</summary>
    /// <param name="onTenth">Called with 1 to 10 as each tenth is complete.</param>
    /// <returns>For each tenth of them, the time at which it was complete.</returns>
    public async Task<IReadOnlyList<DateTimeOffset>> ReadAsync(int count, TimeProvider time, Action<int>? onTenth = null)
    {
        var tenths = new List<DateTimeOffset>();
        for (int seen = 0; seen < count;)
        {
            if (_consumer.Consume(TimeSpan.FromSeconds(60)) is not { } result)
            {
                throw new TimeoutException($"Waited 60 s in vain for another fulfilled order; {seen} of {count} came.");
            }

            Decoded<FulfilledOrder> decoded = await _values.Fulfilled.DecodeAsync(result.Message.Value, CancellationToken.None);
            FulfilledOrder order = decoded.Value ?? throw new InvalidDataException(decoded.Defect!.Detail);
            Latency.RecordValue(Math.Max(0, (long)(order.FulfilledAt - order.Order.CreatedAt).TotalMicroseconds));
            seen++;
            if (seen * 10L / count > (seen - 1) * 10L / count)
            {
                tenths.Add(time.GetUtcNow());
                onTenth?.Invoke(tenths.Count);
            }
        }

        return tenths;
    }

    public void Dispose() => _consumer.Dispose();

    private static LongHistogram NewHistogram() => new(TimeSpan.FromHours(1).Ticks / TimeSpan.TicksPerMicrosecond, 3);
}
