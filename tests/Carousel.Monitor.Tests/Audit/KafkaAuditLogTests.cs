using System.Text;
using Carousel.Kafka;
using Carousel.Monitor.Audit;
using Carousel.Testing;
using Confluent.Kafka;

namespace Carousel.Monitor.Tests.Audit;

/// <summary>On a real broker.</summary>
[OnEveryBroker]
public sealed class KafkaAuditLogTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Partitions_are_read_to_their_ends_past_aborted_transactions_and_without_records()
    {
        KafkaOptions kafka = Kafka();
        string topic = await CreateTopicAsync(kafka);
        using IProducer<byte[], byte[]> producer = Producer(kafka, topic);
        Transaction(producer, topic, commit: true, (0, "a"), (0, "b"));
        Transaction(producer, topic, commit: false, (0, "aborted"), (1, "aborted"));
        Transaction(producer, topic, commit: true, (0, "c"));
        Transaction(producer, topic, commit: false, (0, "aborted at the end"));
        using var log = new KafkaAuditLog(kafka, new KafkaAuditLogOptions(), TimeProvider.System);

        IReadOnlyList<PartitionRange> ranges = await log.RangesAsync(topic, CancellationToken.None);
        var read = new Dictionary<int, string[]>();
        foreach (PartitionRange range in ranges)
        {
            read[range.Partition] = await ReadAsync(log, topic, range).WaitAsync(Patience);
        }

        Assert.Equal(["a", "b", "c"], read[0]);
        Assert.Empty(read[1]);
        Assert.Empty(read[2]);

        // Records 0 and 1, marker, aborted record, marker, record 5, marker, aborted record, marker.
        Assert.Equal([new PartitionRange(0, 0, 9), new PartitionRange(1, 0, 2), new PartitionRange(2, 0, 0)], ranges);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transaction_that_is_open_at_the_snapshot_is_waited_for(bool commit)
    {
        KafkaOptions kafka = Kafka();
        string topic = await CreateTopicAsync(kafka);
        using IProducer<byte[], byte[]> producer = Producer(kafka, topic);
        Transaction(producer, topic, commit: true, (0, "before"));
        producer.BeginTransaction();
        Send(producer, topic, 0, "open");
        producer.Flush(Patience);
        using var log = new KafkaAuditLog(kafka, new KafkaAuditLogOptions(), TimeProvider.System);
        PartitionRange range = (await log.RangesAsync(topic, CancellationToken.None))[0];

        await using IAsyncEnumerator<IReadOnlyList<AuditRecord>> batches = log.ReadAsync(topic, range, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await batches.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal("before", Text(Assert.Single(batches.Current)));
        Task<bool> next = batches.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        End(producer, commit);

        Assert.Equal(commit, await next.WaitAsync(Patience));
        if (commit)
        {
            Assert.Equal("open", Text(Assert.Single(batches.Current)));
            Assert.False(await batches.MoveNextAsync().AsTask().WaitAsync(Patience));
        }
    }

    [Fact]
    public async Task A_transaction_that_stays_open_is_an_error_that_names_the_partition()
    {
        KafkaOptions kafka = Kafka();
        string topic = await CreateTopicAsync(kafka);
        using IProducer<byte[], byte[]> producer = Producer(kafka, topic);
        producer.BeginTransaction();
        Send(producer, topic, 0, "open");
        producer.Flush(Patience);
        using var log = new KafkaAuditLog(kafka, new KafkaAuditLogOptions { StallMax = TimeSpan.FromSeconds(1) }, TimeProvider.System);
        PartitionRange range = (await log.RangesAsync(topic, CancellationToken.None))[0];

        AuditException error = await Assert.ThrowsAsync<AuditException>(() => ReadAsync(log, topic, range).WaitAsync(Patience));

        Assert.Contains($"{topic}-0", error.Message, StringComparison.Ordinal);
        producer.AbortTransaction();
    }

    [Fact]
    public async Task Committed_offsets_of_a_group_are_found_and_those_of_an_unknown_group_are_none()
    {
        KafkaOptions kafka = Kafka();
        string topic = await CreateTopicAsync(kafka);
        using (IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(KafkaClientSettings.Consumer(kafka, "test", topic)).Build())
        {
            consumer.Commit([new TopicPartitionOffset(topic, 1, 42)]);
            consumer.Close();
        }

        using var log = new KafkaAuditLog(kafka, new KafkaAuditLogOptions(), TimeProvider.System);

        Assert.Equal([new KeyValuePair<int, long>(1, 42)], await log.CommittedAsync(topic, topic, CancellationToken.None));
        Assert.Empty(await log.CommittedAsync($"{topic}-unknown", topic, CancellationToken.None));
    }

    [Fact]
    public async Task A_topic_that_is_not_there_is_an_error_that_names_it()
    {
        using var log = new KafkaAuditLog(Kafka(), new KafkaAuditLogOptions(), TimeProvider.System);

        AuditException error = await Assert.ThrowsAsync<AuditException>(() => log.RangesAsync("no-such-topic", CancellationToken.None).AsTask());

        Assert.Contains("no-such-topic", error.Message, StringComparison.Ordinal);
    }

    private static KafkaOptions Kafka() => TestKafka.RequireOrSkip();

    private static async Task<string> CreateTopicAsync(KafkaOptions kafka)
    {
        string topic = $"audit-{Guid.NewGuid():N}";
        await new TopicProvisioner(kafka).EnsureAsync([new TopicSpec(topic, 3, Compacted: false)], CancellationToken.None);
        return topic;
    }

    private static IProducer<byte[], byte[]> Producer(KafkaOptions kafka, string topic)
    {
        IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClientSettings.TransactionalProducer(kafka, "test", topic)).Build();
        producer.InitTransactions(Patience);
        return producer;
    }

    private static void Transaction(IProducer<byte[], byte[]> producer, string topic, bool commit, params (int Partition, string Value)[] records)
    {
        producer.BeginTransaction();
        foreach ((int partition, string value) in records)
        {
            Send(producer, topic, partition, value);
        }

        producer.Flush(Patience);
        End(producer, commit);
    }

    private static void Send(IProducer<byte[], byte[]> producer, string topic, int partition, string value) =>
        producer.Produce(new TopicPartition(topic, partition), new Message<byte[], byte[]> { Key = [1], Value = Encoding.UTF8.GetBytes(value) });

    private static void End(IProducer<byte[], byte[]> producer, bool commit)
    {
        if (commit)
        {
            producer.CommitTransaction(Patience);
        }
        else
        {
            producer.AbortTransaction(Patience);
        }
    }

    private static async Task<string[]> ReadAsync(KafkaAuditLog log, string topic, PartitionRange range)
    {
        var values = new List<string>();
        await foreach (IReadOnlyList<AuditRecord> batch in log.ReadAsync(topic, range, CancellationToken.None))
        {
            values.AddRange(batch.Select(Text));
        }

        return [.. values];
    }

    private static string Text(AuditRecord record) => Encoding.UTF8.GetString(record.Value!);
}
