using System.Net;
using System.Text;
using Carousel.Cli.Loading;
using Carousel.Kafka;
using Carousel.Monitor.Audit;
using Carousel.Testing;
using Carousel.Testing.Pipeline;
using Confluent.Kafka;

namespace Carousel.Integration.Tests;

/// <summary>What can't be an order leaves the flow with its reason, and the orders around it don't notice.</summary>
[OnEveryBroker]
public sealed class HostileInputTests
{
    private const int Orders = 1_000;

    [Fact]
    public async Task Bytes_that_are_no_orders_are_dead_lettered_each_with_its_reason_while_the_orders_around_them_end_well()
    {
        KafkaOptions kafka = TestKafka.RequireOrSkip();
        await using var pipeline = new TestPipeline(kafka.BootstrapServers, TestKafka.UniquePrefix());
        var generator = new OrderGenerator(new OrderGeneratorOptions { Orders = Orders, Customers = 100, Skus = 50 });
        await pipeline.StartAsync(generator.Seed);
        Task<PostingResult> posting = pipeline.PostAsync(generator.Orders(), rate: 500);
        byte[] order = await AnOrderAsync(pipeline, kafka);
        var random = new Random(7);
        byte[] noise = new byte[300];
        random.NextBytes(noise);
        noise[0] = 1;
        byte[] key = Encoding.UTF8.GetBytes("cust-hostile");
        (string Reason, byte[]? Key, byte[]? Value)[] hostile =
        [
            ("MALFORMED", key, null),
            ("MALFORMED", key, []),
            ("MALFORMED", key, noise),
            ("MALFORMED", key, [7, .. order[1..]]),
            ("MALFORMED", key, order[..(order.Length / 2)]),
            ("MALFORMED", key, [.. order, 0]),
            ("MALFORMED", key, [.. order[..5], 0xFE, 0xFF, 0xFF, 0xFF, 0x0F]),
            ("MALFORMED", key, [.. order[..5], .. Enumerable.Repeat((byte)0xFF, 64)]),
            ("UNKNOWN_SCHEMA", key, [0, 0x7F, 0xFF, 0xFF, 0xFF, .. order[5..]]),
            ("WRONG_KEY", null, order),
            ("WRONG_KEY", key, order),
        ];
        await ProduceAsync(kafka, pipeline.Settings.Topics.Orders, hostile.Select(record => (record.Key, record.Value)));
        PostingResult posted = await posting;
        Assert.Equal(Orders, posted.Accepted);

        Reconciliation books = (await pipeline.EndBalancedAsync()).Reconciliation;
        Assert.Equal(Orders, books.Fulfilled);
        Assert.Equal(
            hostile.GroupBy(record => record.Reason).Select(group => (group.Key, (long)group.Count())).Order(),
            books.DeadLetters.Select(letters => (letters.Reason, letters.Count)).Order());
        Assert.All(books.DeadLetters, letters => Assert.Equal(Carousel.Orders.DeadLetterCategory.Defect, letters.Category));
    }

    [Fact]
    public async Task A_registry_that_is_away_makes_a_stage_wait_and_dead_letters_nothing()
    {
        await using var pipeline = new TestPipeline(TestKafka.RequireOrSkip().BootstrapServers, TestKafka.UniquePrefix());
        var generator = new OrderGenerator(new OrderGeneratorOptions { Orders = 200, Customers = 20, Skus = 20 });
        await pipeline.StartAsync(generator.Seed);
        Assert.Equal(100, (await pipeline.PostAsync(generator.Orders().Take(100))).Accepted);
        await pipeline.EndBalancedAsync();

        // Who has the schemas cached goes on; a stage that starts anew has to wait for the registry, and then takes all.
        await pipeline.Registry.KillAsync();
        await pipeline.Validation.KillAsync();
        await pipeline.Validation.StartAsync();
        Assert.Equal(100, (await pipeline.PostAsync(generator.Orders().Skip(100))).Accepted);
        await Eventually.TrueAsync(
            "validation says that it waits for the registry",
            () => File.ReadAllText(pipeline.Validation.LogFile),
            log => log.Contains("waits for the schema registry", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60));
        await pipeline.Registry.StartAsync();
        Reconciliation books = (await pipeline.EndBalancedAsync()).Reconciliation;
        Assert.Equal((200L, 0), (books.Fulfilled, books.DeadLetters.Count));
    }

    [Fact]
    public async Task Two_thousand_lines_are_an_order_and_two_thousand_and_one_are_not_and_the_same_order_twice_at_once_is_one()
    {
        await using var pipeline = new TestPipeline(TestKafka.RequireOrSkip().BootstrapServers, TestKafka.UniquePrefix());
        await pipeline.StartAsync(new SeedData([new SeedCustomer("cust-1", SeedCustomer.Active)], [new SeedStock("sku-1", 1_000_000)]));
        OrderToPost large = Lines("large", 2_000);
        PostingResult posted = await pipeline.PostAsync([large, Lines("too-large", 2_001), .. Enumerable.Repeat(Lines("twice", 3), 50)], concurrency: 52);
        Assert.Equal((51L, 1L), (posted.Accepted, posted.Refused));
        Assert.Equal(HttpStatusCode.BadRequest, Assert.Single(posted.Statuses, status => status.Key != HttpStatusCode.Accepted).Key);
        Assert.Equal("LINE_COUNT", Assert.Single(posted.RefusalCodes).Key);

        Reconciliation books = (await pipeline.EndBalancedAsync()).Reconciliation;
        Assert.Equal((2L, 2L, 2_003L), (books.Accepted, books.Fulfilled, books.UnitsSold));
        Assert.Equal(new MoneyCount("GBP", 2, 2_003m), Assert.Single(books.Charged));
    }

    private static OrderToPost Lines(string key, int count) =>
        new(key, "cust-1", "GBP", "tok_1", [.. Enumerable.Repeat(new LineToPost("sku-1", 1, "1.00"), count)]);

    /// <summary>The bytes of an order as the gateway wrote it.</summary>
    private static async Task<byte[]> AnOrderAsync(TestPipeline pipeline, KafkaOptions kafka) => await Task.Run(() =>
    {
        using IConsumer<byte[]?, byte[]?> consumer = new ConsumerBuilder<byte[]?, byte[]?>(
            KafkaClientSettings.Consumer(kafka, "test", TestKafka.UniquePrefix())).Build();
        consumer.Subscribe(pipeline.Settings.Topics.Orders);
        ConsumeResult<byte[]?, byte[]?>? result = consumer.Consume(TimeSpan.FromSeconds(30));
        consumer.Close();
        return result?.Message.Value ?? throw new TimeoutException("Waited 30 s in vain for an order in the topic.");
    });

    private static async Task ProduceAsync(KafkaOptions kafka, string topic, IEnumerable<(byte[]? Key, byte[]? Value)> records)
    {
        using IProducer<byte[]?, byte[]?> producer = new ProducerBuilder<byte[]?, byte[]?>(KafkaClientSettings.Producer(kafka, "test")).Build();
        foreach ((byte[]? key, byte[]? value) in records)
        {
            await producer.ProduceAsync(topic, new Message<byte[]?, byte[]?> { Key = key!, Value = value! });
        }
    }
}
