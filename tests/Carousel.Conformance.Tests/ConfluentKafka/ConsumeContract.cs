using Carousel.Conformance.Tests.Brokers;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.ConfluentKafka;

/// <summary>Where a reader may start, and what it is given however little it asks for at a time.</summary>
public abstract class ConsumeContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    private const long FirstTimestamp = 1_700_000_000_000;

    [Fact]
    public async Task A_time_leads_to_the_first_record_that_is_not_older()
    {
        string topic = await TenRecordsAsync("times");
        using IConsumer<string?, string?> reader = Clients.Consumer("reader");
        List<TopicPartitionOffset> found = Lookups(FirstTimestamp - 1, FirstTimestamp, FirstTimestamp + 2_500, FirstTimestamp + 9_000, FirstTimestamp + 9_001);
        Assert.Equal([0L, 0L, 3L, 9L, Offset.End.Value], found.Select(partition => partition.Offset.Value));

        List<TopicPartitionOffset> Lookups(params long[] milliseconds) =>
        [
            .. milliseconds.Select(time => reader.OffsetsForTimes([new TopicPartitionTimestamp(topic, 0, new Timestamp(time, TimestampType.CreateTime))], Patience).Single()),
        ];
    }

    [Fact]
    public async Task A_reader_starts_at_any_offset_and_learns_where_the_log_begins_and_ends()
    {
        string topic = await TenRecordsAsync("offsets");
        using IConsumer<string?, string?> reader = Clients.Consumer("reader");
        var partition = new TopicPartition(topic, 0);
        WatermarkOffsets watermarks = reader.QueryWatermarkOffsets(partition, Patience);
        Assert.Equal((0, 10), (watermarks.Low.Value, watermarks.High.Value));

        // All ten records are one batch: the broker gives the whole of it, and the reader must begin in its middle.
        foreach ((Offset start, long first) in new[] { (new Offset(7), 7), (Offset.Beginning, 0), (new Offset(9), 9) })
        {
            reader.Assign(new TopicPartitionOffset(partition, start));
            Assert.Equal(first, reader.Consume(Patience).Offset.Value);
        }

        reader.Assign(new TopicPartitionOffset(partition, Offset.End));
        Assert.True(reader.Consume(Patience).IsPartitionEOF);
        Assert.Equal(10, reader.GetWatermarkOffsets(partition).High.Value);
    }

    [Theory]
    [InlineData(AutoOffsetReset.Earliest)]
    [InlineData(AutoOffsetReset.Latest)]
    [InlineData(AutoOffsetReset.Error)]
    public async Task An_offset_beyond_the_end_is_out_of_range_and_what_follows_is_the_readers_choice(AutoOffsetReset reset)
    {
        string topic = await TenRecordsAsync($"beyond-{reset}");
        using IConsumer<string?, string?> reader = Clients.Consumer("reader", config => config.AutoOffsetReset = reset);
        reader.Assign(new TopicPartitionOffset(topic, 0, 1_000));
        if (reset == AutoOffsetReset.Error)
        {
            Assert.Equal(ErrorCode.Local_AutoOffsetReset, Assert.Throws<ConsumeException>(() => reader.Consume(Patience)).Error.Code);
            return;
        }

        ConsumeResult<string?, string?> first = reader.Consume(Patience);
        Assert.Equal((reset == AutoOffsetReset.Latest, reset == AutoOffsetReset.Latest ? 10 : 0), (first.IsPartitionEOF, first.Offset.Value));
    }

    [Fact]
    public async Task A_record_larger_than_every_limit_of_the_reader_is_given_all_the_same()
    {
        string topic = await Clients.CreateTopicAsync(Unique("large-in-small"), partitionCount: 2);
        using IProducer<string?, byte[]> producer = Clients.Producer<string?, byte[]>();
        for (int i = 0; i < 6; i++)
        {
            await producer.ProduceAsync(new TopicPartition(topic, i % 2), new Message<string?, byte[]> { Value = new byte[100_000 + i] });
        }

        using IConsumer<string?, byte[]> reader = Clients.ConsumerBuilder<string?, byte[]>("reader", config =>
            (config.MaxPartitionFetchBytes, config.FetchMaxBytes, config.MessageMaxBytes) = (1_000, 2_000, 2_000)).Build();
        reader.Assign(Enumerable.Range(0, 2).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        Assert.Equal([100_000, 100_002, 100_004, 100_001, 100_003, 100_005], ConfluentClients.ReadToEnds(reader, 2).Select(record => record.Message.Value.Length));
    }

    [Fact]
    public async Task A_reader_that_waits_at_the_end_is_given_what_comes_before_its_wait_is_over()
    {
        string topic = await Clients.CreateTopicAsync(Unique("tail"));
        using IProducer<string?, string?> producer = Clients.Producer();
        await producer.ProduceAsync(topic, new Message<string?, string?> { Value = "at first" });
        using IConsumer<string?, string?> reader = Clients.Consumer("reader", config => (config.FetchWaitMaxMs, config.SocketTimeoutMs) = (50_000, 60_000));
        reader.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        Assert.Equal("at first", reader.Consume(Patience)?.Message.Value);
        await producer.ProduceAsync(topic, new Message<string?, string?> { Value = "at last" });
        Assert.Equal("at last", reader.Consume(TimeSpan.FromSeconds(25))?.Message.Value);
    }

    [Fact]
    public async Task Fifty_partitions_are_read_side_by_side()
    {
        const int PartitionCount = 50;
        string topic = await Clients.CreateTopicAsync(Unique("many"), PartitionCount);
        using IProducer<string?, string?> producer = Clients.Producer();
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i =>
            producer.ProduceAsync(new TopicPartition(topic, i % PartitionCount), new Message<string?, string?> { Value = $"{i}" })));
        IReadOnlyList<ConsumeResult<string?, string?>> records = Clients.ReadAll(topic, PartitionCount);
        Assert.Equal(
            Enumerable.Range(0, 2_000).OrderBy(i => i % PartitionCount).ThenBy(i => i).Select(i => $"{i}"),
            records.Select(record => record.Message.Value));
    }

    /// <summary>A record a second, as one batch.</summary>
    private async Task<string> TenRecordsAsync(string name)
    {
        string topic = await Clients.CreateTopicAsync(Unique(name), configs: ConfluentClients.KeptForever);
        using IProducer<string?, string?> producer = Clients.Producer(config => config.LingerMs = 500);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => producer.ProduceAsync(
            topic, new Message<string?, string?> { Value = $"{i}", Timestamp = new Timestamp(FirstTimestamp + (1_000 * i), TimestampType.CreateTime) })));
        return topic;
    }
}

public sealed class ConsumeOnEmbeddedTests(SharedBrokers brokers) : ConsumeContract(brokers, BrokerKind.Embedded);

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class ConsumeOnKafkaTests(SharedBrokers brokers) : ConsumeContract(brokers, BrokerKind.Kafka);
