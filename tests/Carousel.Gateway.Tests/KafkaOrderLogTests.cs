using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Carousel.Gateway.OrderLog;
using Carousel.Kafka;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Testing;
using Confluent.Kafka;

namespace Carousel.Gateway.Tests;

/// <summary>The gateway on real Kafka, and on one that isn't there.</summary>
[OnEveryBroker]
public sealed class KafkaOrderLogTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_202_means_that_the_record_is_in_the_topic()
    {
        KafkaOptions kafka = TestKafka.RequireOrSkip();
        GatewayOptions options = GatewayHost.Options();
        options.TopicPrefix = $"test-{Guid.NewGuid():N}-";
        string topic = new CarouselTopics(options.TopicPrefix).Orders;
        await new TopicProvisioner(kafka).EnsureAsync([new TopicSpec(topic, CarouselTopics.PartitionCount, Compacted: false)], TestContext.Current.CancellationToken);
        var registry = new FakeRegistry();
        await using WebApplication gateway = GatewayServer.Build(options, kafka, registry, new FakeStatusReader());
        await gateway.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(gateway.Urls.First()) };

        string[] ids = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => PostAsync(client, Bodies.With(customerId: $"\"cust-{i % 7}\""))));

        List<ConsumeResult<byte[], byte[]>> records = ReadAll(kafka, topic);
        var values = new OrderValues(new CarouselTopics(options.TopicPrefix), registry);
        Assert.Equal(200, records.Count);
        var found = new List<string>();
        foreach (ConsumeResult<byte[], byte[]> record in records)
        {
            Order order = (await values.Orders.DecodeAsync(record.Message.Value, TestContext.Current.CancellationToken)).Value!;
            found.Add(order.OrderId.ToString());
            Assert.Equal(order.CustomerId, Encoding.UTF8.GetString(record.Message.Key));
            Assert.Equal("local", Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(OrderHeaders.Client)));
        }

        Assert.Equal(ids.Order(), found.Order());
        Assert.Equal(7, records.Select(record => (Encoding.UTF8.GetString(record.Message.Key), record.Partition)).Distinct().Count());
        using HttpResponseMessage ready = await client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task A_Kafka_that_is_away_is_503_within_the_limit_and_a_second()
    {
        (WebApplication gateway, HttpClient client) = await StartWithoutKafkaAsync(_ => { });
        await using (gateway)
        using (client)
        {
            var watch = Stopwatch.StartNew();

            HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.PostAsync("/orders", GatewayHost.Body(Bodies.Sound, "application/json"))));

            Assert.InRange(watch.Elapsed, Limit - TimeSpan.FromSeconds(0.75), Limit + TimeSpan.FromSeconds(1));
            foreach (HttpResponseMessage response in responses)
            {
                // No id: nothing was ever sent, so nothing can turn up later.
                JsonNode problem = await PostOrderTests.AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable, "log-unavailable");
                Assert.Null(problem["orderId"]);
                Assert.NotNull(response.Headers.RetryAfter);
            }

            using HttpResponseMessage ready = await client.GetAsync("/health/ready");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.Equal((0, 0L), gateway.Services.GetRequiredService<IOrderLog>().Waiting);
        }
    }

    [Fact]
    public async Task A_full_buffer_is_503_at_once()
    {
        (WebApplication gateway, HttpClient client) = await StartWithoutKafkaAsync(options => options.LogBufferRecordsMax = 5);
        await using (gateway)
        using (client)
        {
            Task<TimeSpan>[] posts = [.. Enumerable.Range(0, 20).Select(_ => TimedPostAsync(client))];
            TimeSpan[] times = await Task.WhenAll(posts);

            Assert.InRange(times.Count(time => time < TimeSpan.FromSeconds(1)), 10, 15);
        }

        static async Task<TimeSpan> TimedPostAsync(HttpClient client)
        {
            var watch = Stopwatch.StartNew();
            using HttpResponseMessage response = await client.PostAsync("/orders", GatewayHost.Body(Bodies.Sound, "application/json"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            return watch.Elapsed;
        }
    }

    [Fact]
    public void The_producer_keeps_the_safe_settings_and_the_gateway_s_bounds()
    {
        ProducerConfig config = KafkaOrderLog.Config(new GatewayOptions(), new KafkaOptions { BootstrapServers = "x:1" });

        Assert.Equal((Acks.All, true, int.MaxValue, 5), (config.Acks!.Value, config.EnableIdempotence!.Value, config.MessageSendMaxRetries!.Value, config.MaxInFlight!.Value));
        Assert.Equal((4_500, 100_000, 65_536), (config.MessageTimeoutMs!.Value, config.QueueBufferingMaxMessages!.Value, config.QueueBufferingMaxKbytes!.Value));
    }

    private static async Task<(WebApplication Gateway, HttpClient Client)> StartWithoutKafkaAsync(Action<GatewayOptions> set)
    {
        GatewayOptions options = GatewayHost.Options();
        options.AcceptTimeLimit = Limit;
        set(options);
        WebApplication gateway = GatewayServer.Build(
            options, new KafkaOptions { BootstrapServers = $"127.0.0.1:{ClosedPort()}" }, new FakeRegistry(), new FakeStatusReader());
        await gateway.StartAsync();
        return (gateway, new HttpClient { BaseAddress = new Uri(gateway.Urls.First()) });
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<string> PostAsync(HttpClient client, string body)
    {
        using HttpResponseMessage response = await client.PostAsync("/orders", GatewayHost.Body(body, "application/json"));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (string)(await GatewayHost.JsonAsync(response))["orderId"]!;
    }

    /// <summary>Everything up to the ends that the partitions have now.</summary>
    private static List<ConsumeResult<byte[], byte[]>> ReadAll(KafkaOptions kafka, string topic)
    {
        ConsumerConfig config = KafkaClientSettings.Consumer(kafka, "test", "test-" + topic);
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
        TopicPartition[] partitions = [.. Enumerable.Range(0, CarouselTopics.PartitionCount).Select(partition => new TopicPartition(topic, partition))];
        long end = partitions.Sum(partition => consumer.QueryWatermarkOffsets(partition, GatewayHost.Patience).High.Value);
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[], byte[]>>();
        while (records.Count < end)
        {
            records.Add(consumer.Consume(GatewayHost.Patience) ?? throw new TimeoutException($"waited {GatewayHost.Patience} for record {records.Count + 1} of {end}"));
        }

        return records;
    }
}
