using System.Diagnostics;
using System.Text.Json;
using Carousel.Conformance.Tests.Brokers;
using Carousel.Conformance.Tests.Processes;

namespace Carousel.Conformance.Tests.Debian;

/// <summary>kcat of Debian stable, on librdkafka 2.0.2: older than what Confluent.Kafka carries, and found on every operator's machine.</summary>
public abstract class KcatContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task Lines_go_in_compressed_and_come_out(string codec)
    {
        string topic = await Clients.CreateTopicAsync(Unique($"kcat-{codec}"));
        string[] lines = [.. Enumerable.Range(0, 500).Select(i => $"k{i}:value {i} {new string('y', 50)}")];
        await KcatAsync(string.Join('\n', lines) + "\n", "-P", "-t", topic, "-K:", "-z", codec, "-H", "origin=kcat", "-X", "enable.idempotence=true");

        string read = await KcatAsync(null, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%k:%s %h\n");
        Assert.Equal(lines.Select(line => line + " origin=kcat"), read.TrimEnd('\n').Split('\n'));
        Assert.Equal(codec, BatchCodec.OfFirstBatch(Path.Combine(Broker.LogDirectory, $"{topic}-0")));
    }

    [Fact]
    public async Task The_cluster_is_listed_and_offsets_are_found_by_time()
    {
        string topic = await Clients.CreateTopicAsync(Unique("kcat-list"), 3);
        await KcatAsync("a\nb\nc\n", "-P", "-t", topic, "-p", "2");
        using JsonDocument listing = JsonDocument.Parse(await KcatAsync(null, "-L", "-J", "-t", topic));
        JsonElement listed = listing.RootElement.GetProperty("topics")[0];
        Assert.Equal((topic, 3), (listed.GetProperty("topic").GetString(), listed.GetProperty("partitions").GetArrayLength()));
        Assert.Equal($"127.0.0.1:{Broker.Port}", listing.RootElement.GetProperty("brokers")[0].GetProperty("name").GetString());

        string found = await KcatAsync(null, "-Q", "-t", $"{topic}:2:1000", "-t", $"{topic}:1:1000");
        Assert.Equal([$"{topic} [1] offset -1", $"{topic} [2] offset 0"], found.TrimEnd().Split('\n').Order());
    }

    [Fact]
    public async Task A_group_reads_all_and_goes_on_where_it_was()
    {
        string topic = await Clients.CreateTopicAsync(Unique("kcat-group"), 3);
        string group = Unique("kcat");
        await KcatAsync("1\n2\n3\n4\n5\n6\n", "-P", "-t", topic, "-X", "sticky.partitioning.linger.ms=0", "-X", "linger.ms=0");
        foreach (string strategy in (string[])["range", "cooperative-sticky"])
        {
            string read = await ReadAsync(6, strategy + group);
            Assert.Equal(["1", "2", "3", "4", "5", "6"], read.TrimEnd().Split('\n').Order());
            await KcatAsync("later\n", "-P", "-t", topic);
            Assert.Equal("later", (await ReadAsync(1, strategy + group)).TrimEnd());
            using var admin = Clients.Admin();
            await admin.DeleteRecordsAsync(Enumerable.Range(0, 3).Select(partition => new Confluent.Kafka.TopicPartitionOffset(topic, partition, Confluent.Kafka.Offset.End)));
            await KcatAsync("1\n2\n3\n4\n5\n6\n", "-P", "-t", topic, "-X", "sticky.partitioning.linger.ms=0", "-X", "linger.ms=0");
        }

        Task<string> ReadAsync(int count, string group) => KcatAsync(
            null, "-q", "-c", $"{count}", "-X", $"partition.assignment.strategy={group[..group.IndexOf("t-", StringComparison.Ordinal)]}", "-X", "auto.offset.reset=earliest", "-G", group, topic);
    }

    private Task<string> KcatAsync(string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo(ToolProcess.RequireOrSkip("kcat", "kcat"));
        foreach (string argument in (string[])["-b", Broker.Address, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return ToolProcess.RunAsync(start, input);
    }
}

public sealed class KcatOnEmbeddedTests(SharedBrokers brokers) : KcatContract(brokers, BrokerKind.Embedded);

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class KcatOnKafkaTests(SharedBrokers brokers) : KcatContract(brokers, BrokerKind.Kafka);
