using Carousel.Conformance.Tests.Brokers;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.ConfluentKafka;

/// <summary>What librdkafka produces is what it reads back.</summary>
public abstract class ProduceContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    private const int PartitionCount = 3;

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task Records_of_every_codec_come_back_once_and_in_order(CompressionType codec)
    {
        string topic = await Clients.CreateTopicAsync(Unique(codec.ToString()), PartitionCount);
        string[] values = [.. Enumerable.Range(0, 3_000).Select(i => $"value {i} {new string('x', i % 200)}")];
        using IProducer<string?, string?> producer = Clients.Producer(config => config.CompressionType = codec);
        DeliveryResult<string?, string?>[] delivered = await Task.WhenAll(values.Select((value, i) =>
            producer.ProduceAsync(new TopicPartition(topic, i % PartitionCount), new Message<string?, string?> { Key = $"{i}", Value = value })));

        IReadOnlyList<ConsumeResult<string?, string?>> records = Clients.ReadAll(topic, PartitionCount);
        Assert.All(delivered, delivery => Assert.Equal(PersistenceStatus.Persisted, delivery.Status));
        for (int partition = 0; partition < PartitionCount; partition++)
        {
            ConsumeResult<string?, string?>[] read = [.. records.Where(record => record.Partition.Value == partition)];
            Assert.Equal(values.Where((_, i) => i % PartitionCount == partition), read.Select(record => record.Message.Value));
            Assert.Equal(Enumerable.Range(0, read.Length), read.Select(record => (int)record.Offset.Value));
        }
    }

    [Fact]
    public async Task Headers_timestamps_and_absent_keys_and_values_survive()
    {
        string topic = await Clients.CreateTopicAsync(Unique("shapes"), configs: ConfluentClients.KeptForever);
        var timestamp = new Timestamp(1_700_000_000_123, TimestampType.CreateTime);
        Message<string?, string?>[] messages =
        [
            new() { Key = null, Value = "no key", Timestamp = timestamp },
            new() { Key = "no value", Value = null, Timestamp = timestamp },
            new() { Key = null, Value = null, Timestamp = timestamp },
            new() { Key = "", Value = "", Timestamp = timestamp, Headers = new Headers { { "a", [1, 2, 3] }, { "a", [] }, { "né", null } } },
        ];
        using IProducer<string?, string?> producer = Clients.Producer();
        await Task.WhenAll(messages.Select(message => producer.ProduceAsync(topic, message)));

        IReadOnlyList<ConsumeResult<string?, string?>> records = Clients.ReadAll(topic);
        Assert.Equal(messages.Select(message => (message.Key, message.Value, timestamp)), records.Select(record => (record.Message.Key, record.Message.Value, record.Message.Timestamp)));
        Assert.Equal(
            [("a", "010203"), ("a", ""), ("né", null)],
            records[^1].Message.Headers.Select(header => (header.Key, header.GetValueBytes() is { } bytes ? Convert.ToHexString(bytes) : null)));
    }

    [Fact]
    public async Task A_topic_may_take_the_time_from_the_broker()
    {
        string topic = await Clients.CreateTopicAsync(Unique("append-time"), configs: new() { ["message.timestamp.type"] = "LogAppendTime" });
        using IProducer<string?, string?> producer = Clients.Producer();
        await producer.ProduceAsync(topic, new Message<string?, string?> { Value = "x", Timestamp = new Timestamp(1_000, TimestampType.CreateTime) });
        ConsumeResult<string?, string?> record = Assert.Single(Clients.ReadAll(topic));
        Assert.Equal(TimestampType.LogAppendTime, record.Message.Timestamp.Type);
        Assert.True(record.Message.Timestamp.UnixTimestampMs > 1_600_000_000_000, $"The broker's time is {record.Message.Timestamp.UnixTimestampMs}.");
    }

    [Theory]
    [InlineData(Acks.None, false)]
    [InlineData(Acks.Leader, false)]
    [InlineData(Acks.All, false)]
    [InlineData(Acks.All, true)]
    public async Task Every_kind_of_acknowledgement_leads_to_records(Acks acks, bool isIdempotent)
    {
        string topic = await Clients.CreateTopicAsync(Unique($"acks-{acks}"));
        using IProducer<string?, string?> producer = Clients.Producer(config => (config.Acks, config.EnableIdempotence) = (acks, isIdempotent));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => producer.ProduceAsync(topic, new Message<string?, string?> { Value = $"{i}" })));

        // Nobody tells when the last unacknowledged record is in: the reader waits for it.
        using IConsumer<string?, string?> reader = Clients.Consumer("reader", config => config.EnablePartitionEof = false);
        reader.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), Enumerable.Range(0, 100).Select(_ => reader.Consume(Patience)?.Message.Value));
    }

    [Fact]
    public async Task A_megabyte_goes_through_and_more_than_the_limit_is_refused_without_harm_to_what_follows()
    {
        string topic = await Clients.CreateTopicAsync(Unique("big"));
        using IProducer<string?, byte[]> producer = Clients.Producer<string?, byte[]>(config => config.MessageMaxBytes = 4_000_000);
        byte[] megabyte = new byte[1_000_000];
        Random.Shared.NextBytes(megabyte);
        await producer.ProduceAsync(topic, new Message<string?, byte[]> { Value = megabyte });

        ProduceException<string?, byte[]> refusal = await Assert.ThrowsAsync<ProduceException<string?, byte[]>>(
            () => producer.ProduceAsync(topic, new Message<string?, byte[]> { Value = new byte[2_000_000] }));
        Assert.Equal(ErrorCode.MsgSizeTooLarge, refusal.Error.Code);

        await producer.ProduceAsync(topic, new Message<string?, byte[]> { Value = [1] });
        using IConsumer<string?, byte[]> reader = Clients.ConsumerBuilder<string?, byte[]>("reader", null).Build();
        reader.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        Assert.Equal([megabyte, [1]], ConfluentClients.ReadToEnds(reader, 1).Select(record => record.Message.Value));
    }

    [Fact]
    public async Task A_topic_that_is_not_there_is_an_error_and_does_not_appear()
    {
        string topic = Unique("absent");
        using IProducer<string?, string?> producer = Clients.Producer(config => config.Set("topic.metadata.propagation.max.ms", "1000"));
        ProduceException<string?, string?> refusal = await Assert.ThrowsAsync<ProduceException<string?, string?>>(
            () => producer.ProduceAsync(topic, new Message<string?, string?> { Value = "x" }));
        Assert.Equal(ErrorCode.UnknownTopicOrPart, refusal.Error.Code);

        using IAdminClient admin = Clients.Admin();
        Assert.DoesNotContain(admin.GetMetadata(Patience).Topics, known => known.Topic == topic);
    }
}

public sealed class ProduceOnEmbeddedTests(SharedBrokers brokers) : ProduceContract(brokers, BrokerKind.Embedded);

public sealed class ProduceOnKafkaTests(SharedBrokers brokers) : ProduceContract(brokers, BrokerKind.Kafka);
