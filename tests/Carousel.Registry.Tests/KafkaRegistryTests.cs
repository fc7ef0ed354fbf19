using Carousel.Registry.Server;
using Carousel.Testing;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Carousel.Registry.Tests;

[OnEveryBroker]
public sealed class KafkaRegistryTests
{
    private readonly string _topic = $"_schemas-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_second_server_over_the_same_topic_has_everything()
    {
        string before;
        await using (var first = await RunningRegistry.StartOnKafkaAsync(Options()))
        {
            await first.RegisteredAsync("s", TestSchemas.A);
            await first.RegisteredAsync("s", TestSchemas.WithOptionalB);
            await first.RegisteredAsync("u", TestSchemas.User, TestSchemas.ReferenceTo("s", 2));
            await first.RegisteredAsync("gone", "\"int\"");
            await first.SendAsync(HttpMethod.Put, "/config/s", new { compatibility = "FULL" });
            await first.SendAsync(HttpMethod.Put, "/mode/u", new { mode = "READONLY" });
            (await first.DeleteAsync("/subjects/gone")).Is("[1]");
            (await first.DeleteAsync("/subjects/gone?permanent=true")).Is("[1]");
            (await first.DeleteAsync("/subjects/s/versions/1")).Is("1");
            before = (await first.GetAsync("/schemas?deleted=true")).Text;
        }

        await using var second = await RunningRegistry.StartOnKafkaAsync(Options());
        Assert.Equal(before, (await second.GetAsync("/schemas?deleted=true")).Text);
        (await second.GetAsync("/subjects?deleted=true")).Is("""["s","u"]""");
        (await second.GetAsync("/config/s")).Is("""{"compatibilityLevel":"FULL"}""");
        (await second.GetAsync("/mode/u")).Is("""{"mode":"READONLY"}""");
        Assert.Equal(5, await second.RegisteredAsync("t", "\"long\""));
        Assert.Matches("\"kafka-cluster\":\"[^\"]+\"", (await second.GetAsync("/v1/metadata/id")).Text);
    }

    [Fact]
    public async Task Two_servers_that_register_at_the_same_time_give_each_schema_one_id()
    {
        await using var one = await RunningRegistry.StartOnKafkaAsync(Options(writeTimeout: 50));
        await using var two = await RunningRegistry.StartOnKafkaAsync(Options(writeTimeout: 50));

        var ids = await Task.WhenAll(Enumerable.Range(0, 24).Select(each =>
            (each % 2 == 0 ? one : two).RegisteredAsync($"s{each / 2}", $$"""{"type":"enum","name":"E{{each / 2}}","symbols":["A"]}""")));

        Assert.All(ids.Chunk(2), pair => Assert.Equal(pair[0], pair[1]));
        Assert.Equal(Enumerable.Range(1, 12), ids.Distinct().Order());

        // A write goes through everything before it, so both have read all when it is answered.
        await one.RegisteredAsync("last", "\"int\"");
        await two.RegisteredAsync("last", "\"int\"");
        Assert.Equal((await one.GetAsync("/schemas")).Text, (await two.GetAsync("/schemas")).Text);
    }

    [Fact]
    public async Task The_topic_is_compacted_with_one_partition_and_written_in_Confluents_layout()
    {
        await using var registry = await RunningRegistry.StartOnKafkaAsync(Options());
        await registry.RegisteredAsync("s", "\"int\"");

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Broker() }).Build();
        var configs = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = _topic }]);
        Assert.Equal("compact", configs[0].Entries["cleanup.policy"].Value);

        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = Broker(), GroupId = "test" }).Build();
        consumer.Assign(new TopicPartitionOffset(_topic, 0, Offset.Beginning));
        var record = consumer.Consume(TimeSpan.FromSeconds(20));
        Assert.NotNull(record);
        Assert.Equal("""{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}""", record.Message.Key);
        Assert.Equal("""{"subject":"s","version":1,"id":1,"schema":"\"int\"","deleted":false}""", record.Message.Value);
    }

    [Fact]
    public async Task What_another_registry_wrote_is_served()
    {
        await using var registry = await RunningRegistry.StartOnKafkaAsync(Options());
        await registry.RegisteredAsync("s", "\"int\"");
        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = Broker() }).Build())
        {
            await producer.ProduceAsync(_topic, new Message<string, string> { Key = "nonsense", Value = "nonsense" });
            await producer.ProduceAsync(_topic, new Message<string, string>
            {
                Key = """{"subject":"k","version":1,"magic":1,"keytype":"SCHEMA"}""",
                Value = """{"subject":"k","version":1,"id":70,"schema":"{\"type\": \"long\"}","deleted":false}""",
            });
        }

        Assert.Equal(70, await registry.RegisteredAsync("mine", "\"long\""));
        Assert.Equal(71, await registry.RegisteredAsync("mine2", "\"string\""));
        (await registry.GetAsync("/schemas/ids/70/subjects")).Is("""["k","mine"]""");
    }

    [Theory]
    [InlineData(2, "compact", "has 2 partitions")]
    [InlineData(1, "delete", "cleanup.policy=delete")]
    public async Task A_topic_that_could_lose_schemas_stops_the_start(int partitions, string policy, string expected)
    {
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Broker() }).Build())
        {
            await admin.CreateTopicsAsync(
            [
                new TopicSpecification { Name = _topic, NumPartitions = partitions, Configs = new Dictionary<string, string> { ["cleanup.policy"] = policy } },
            ]);
        }

        var failure = await Assert.ThrowsAsync<RegistryStartupException>(() => RunningRegistry.StartOnKafkaAsync(Options()));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Contains(_topic, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_Kafka_the_start_fails_in_time_and_says_so()
    {
        var options = Options();
        options.Kafka.BootstrapServers = "127.0.0.1:1";
        options.StartupTimeout = TimeSpan.FromSeconds(2);

        var failure = await Assert.ThrowsAsync<RegistryStartupException>(() => RunningRegistry.StartOnKafkaAsync(options));
        Assert.Contains("127.0.0.1:1 within 2 s", failure.Message, StringComparison.Ordinal);
    }

    private static string Broker() => TestKafka.RequireOrSkip().BootstrapServers;

    private RegistryOptions Options(int writeTimeout = 20)
    {
        return new RegistryOptions { Kafka = new() { BootstrapServers = Broker() }, Topic = _topic, WriteTimeout = TimeSpan.FromSeconds(writeTimeout) };
    }
}
