using Carousel.Conformance.Tests.Brokers;
using Carousel.Testing;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.ConfluentKafka;

/// <summary>Transactions as librdkafka makes them: what is committed is seen as one, what is aborted never, and who was replaced is refused.</summary>
public abstract class TransactionContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    [Fact]
    public async Task Readers_see_what_was_committed_and_others_may_see_all()
    {
        string topic = await Clients.CreateTopicAsync(Unique("transactions"), 2);
        using IProducer<string?, string?> producer = Transactional("mixed");
        for (int i = 0; i < 6; i++)
        {
            producer.BeginTransaction();
            Produce(producer, topic, 0, $"{i}a");
            Produce(producer, topic, 1, $"{i}b");
            if (i % 3 == 1)
            {
                producer.Flush(Patience);
                producer.AbortTransaction(Patience);
            }
            else
            {
                producer.CommitTransaction(Patience);
            }
        }

        Assert.Equal(["0a", "2a", "3a", "5a", "0b", "2b", "3b", "5b"], Values(topic, IsolationLevel.ReadCommitted));
        Assert.Equal(["0a", "1a", "2a", "3a", "4a", "5a", "0b", "1b", "2b", "3b", "4b", "5b"], Values(topic, IsolationLevel.ReadUncommitted));
    }

    [Fact]
    public async Task An_open_transaction_holds_readers_back_until_it_ends()
    {
        string topic = await Clients.CreateTopicAsync(Unique("held-back"), 2);
        using IProducer<string?, string?> open = Transactional("open");
        open.BeginTransaction();
        Produce(open, topic, 0, "open");
        open.Flush(Patience);
        using IProducer<string?, string?> other = Clients.Producer();
        await other.ProduceAsync(new TopicPartition(topic, 0), new Message<string?, string?> { Value = "behind" });

        Assert.Empty(Values(topic, IsolationLevel.ReadCommitted));
        Assert.Equal(["open", "behind"], Values(topic, IsolationLevel.ReadUncommitted));
        open.CommitTransaction(Patience);
        Assert.Equal(["open", "behind"], Values(topic, IsolationLevel.ReadCommitted));
    }

    [Fact]
    public async Task Offsets_of_a_transaction_count_when_it_is_committed_and_only_then()
    {
        string topic = await Clients.CreateTopicAsync(Unique("offsets"));
        string group = Unique("offsets-group");
        using IConsumer<string?, string?> consumer = Clients.Consumer(group);
        consumer.Subscribe(topic);
        await Eventually.TrueAsync("the member has its partition", () => (consumer.Consume(TimeSpan.Zero), consumer.Assignment.Count).Count, count => count == 1, Patience);
        using IProducer<string?, string?> producer = Transactional("offsets");

        producer.BeginTransaction();
        producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, 5)], consumer.ConsumerGroupMetadata, Patience);
        producer.AbortTransaction(Patience);
        Assert.Equal(Offset.Unset, Committed());

        producer.BeginTransaction();
        Produce(producer, topic, 0, "result");
        producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, 9)], consumer.ConsumerGroupMetadata, Patience);
        producer.CommitTransaction(Patience);
        Assert.Equal(new Offset(9), Committed());

        Offset Committed() => consumer.Committed([new TopicPartition(topic, 0)], Patience).Single().Offset;
    }

    [Fact]
    public async Task A_member_that_was_thrown_out_cannot_put_offsets_into_a_transaction()
    {
        string topic = await Clients.CreateTopicAsync(Unique("zombies"));
        string group = Unique("zombies-group");
        IConsumerGroupMetadata stale;
        using (IConsumer<string?, string?> consumer = Clients.Consumer(group))
        {
            consumer.Subscribe(topic);
            await Eventually.TrueAsync("the member has its partition", () => (consumer.Consume(TimeSpan.Zero), consumer.Assignment.Count).Count, count => count == 1, Patience);
            stale = consumer.ConsumerGroupMetadata;
            consumer.Close();
        }

        using IProducer<string?, string?> producer = Transactional("zombie");
        producer.BeginTransaction();
        Produce(producer, topic, 0, "of a zombie");
        KafkaTxnRequiresAbortException refusal = Assert.Throws<KafkaTxnRequiresAbortException>(
            () => producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, 1)], stale, Patience));
        Assert.True(refusal.Error.Code is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration, $"{refusal.Error}");
        producer.AbortTransaction(Patience);
        Assert.Empty(Values(topic, IsolationLevel.ReadCommitted));
    }

    [Fact]
    public async Task A_second_producer_of_the_same_name_ends_the_first_one_and_its_transaction()
    {
        string topic = await Clients.CreateTopicAsync(Unique("fenced"), 2);
        string name = Unique("fenced");
        using IProducer<string?, string?> first = Transactional(name);
        first.BeginTransaction();
        Produce(first, topic, 0, "of the first");
        first.Flush(Patience);

        using IProducer<string?, string?> second = Transactional(name);
        second.BeginTransaction();
        Produce(second, topic, 0, "of the second");
        second.CommitTransaction(Patience);

        KafkaException fenced = Assert.ThrowsAny<KafkaException>(() =>
        {
            Produce(first, topic, 1, "too late");
            first.CommitTransaction(Patience);
        });
        Assert.True(fenced.Error.IsFatal && fenced.Error.Code is ErrorCode.Local_Fenced or ErrorCode.Local_Fatal or ErrorCode.InvalidProducerEpoch, $"{fenced.Error}");
        Assert.Equal(["of the second"], Values(topic, IsolationLevel.ReadCommitted));
    }

    [Fact]
    public async Task A_transaction_that_is_never_ended_is_aborted_after_its_timeout()
    {
        string topic = await Clients.CreateTopicAsync(Unique("timeout"), 2);
        using IProducer<string?, string?> producer = Transactional("timeout", transactionTimeoutMs: 1_500);
        producer.BeginTransaction();
        Produce(producer, topic, 0, "abandoned");
        producer.Flush(Patience);
        using IProducer<string?, string?> other = Clients.Producer();
        await other.ProduceAsync(new TopicPartition(topic, 0), new Message<string?, string?> { Value = "behind" });

        using IConsumer<string?, string?> reader = Clients.Consumer("reader", config => config.EnablePartitionEof = false);
        reader.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        Assert.Equal("behind", reader.Consume(Patience)?.Message.Value);
        Assert.ThrowsAny<KafkaException>(() => producer.CommitTransaction(Patience));
        Assert.Equal(["behind"], Values(topic, IsolationLevel.ReadCommitted));
    }

    [Fact]
    public async Task A_transaction_without_records_commits_and_aborts_and_large_ones_stay_whole()
    {
        string topic = await Clients.CreateTopicAsync(Unique("sizes"), 2);
        using IProducer<string?, string?> producer = Transactional("sizes");
        producer.BeginTransaction();
        producer.CommitTransaction(Patience);
        producer.BeginTransaction();
        producer.AbortTransaction(Patience);
        foreach (int size in (int[])[20_000, 1])
        {
            producer.BeginTransaction();
            for (int i = 0; i < size; i++)
            {
                Produce(producer, topic, i % 2, $"{i}");
            }

            producer.CommitTransaction(Patience);
            Assert.Equal(size == 1 ? 20_001 : 20_000, Values(topic, IsolationLevel.ReadCommitted).Length);
        }
    }

    private static void Produce(IProducer<string?, string?> producer, string topic, int partition, string value) =>
        producer.Produce(new TopicPartition(topic, partition), new Message<string?, string?> { Value = value });

    private IProducer<string?, string?> Transactional(string name, int transactionTimeoutMs = 60_000)
    {
        string transactionalId = name.StartsWith("t-", StringComparison.Ordinal) ? name : Unique(name);
        IProducer<string?, string?> producer = Clients.Producer(config => (config.TransactionalId, config.TransactionTimeoutMs) = (transactionalId, transactionTimeoutMs));
        producer.InitTransactions(Patience);
        return producer;
    }

    private string?[] Values(string topic, IsolationLevel isolation) =>
        [.. Clients.ReadAll(topic, PartitionCount(topic), isolation).Select(record => record.Message.Value)];

    private int PartitionCount(string topic)
    {
        using IAdminClient admin = Clients.Admin();
        return admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Count;
    }
}

public sealed class TransactionOnEmbeddedTests(SharedBrokers brokers) : TransactionContract(brokers, BrokerKind.Embedded);

public sealed class TransactionOnKafkaTests(SharedBrokers brokers) : TransactionContract(brokers, BrokerKind.Kafka);
