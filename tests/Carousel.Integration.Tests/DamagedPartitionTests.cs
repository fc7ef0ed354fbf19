using System.Buffers.Binary;
using Carousel.Testing;
using Carousel.Testing.Brokers;
using Carousel.Testing.Pipeline.Brokers;
using Confluent.Kafka;

namespace Carousel.Integration.Tests;

/// <summary>A byte that changed in the middle of a segment: the check and the broker name the place, and the other partitions serve.</summary>
public sealed class DamagedPartitionTests
{
    private const string Topic = "orders";
    private const int Partitions = 3;
    private const int Damaged = 1;
    private const int Records = 100;

    [Fact]
    public async Task After_a_kill_the_partition_is_out_of_service_and_says_why()
    {
        await using EmbeddedBroker broker = await FilledAsync();
        await broker.KillAsync();
        (string log, _) = Damage(broker);
        CommandRun check = await CheckAsync(broker);
        Assert.Equal(1, check.ExitCode);
        string finding = Assert.Single(FindingsOf(check));
        Assert.StartsWith($"Damage: {log} at byte ", finding, StringComparison.Ordinal);
        Assert.Contains("checksum doesn't match", finding, StringComparison.Ordinal);
        Assert.Contains("doesn't serve until it's repaired or removed; the others do", finding, StringComparison.Ordinal);

        await broker.StartAsync();
        Assert.Contains(PlaceIn(finding), await OwnLogAsync(broker), StringComparison.Ordinal);
        var clients = new ConfluentClients(broker.Address);
        AssertOthersServe(clients);
        using IProducer<string?, string?> producer = clients.Producer(config => config.MessageTimeoutMs = 3000);
        await Assert.ThrowsAsync<ProduceException<string?, string?>>(() => producer.ProduceAsync(new TopicPartition(Topic, Damaged), new() { Value = "x" }));
        await broker.StopAsync();
    }

    [Fact]
    public async Task After_a_clean_stop_the_partition_serves_up_to_the_damage()
    {
        await using EmbeddedBroker broker = await FilledAsync();
        await broker.StopAsync();
        (string log, int records) = Damage(broker);
        string finding = Assert.Single(FindingsOf(await CheckAsync(broker)));
        Assert.StartsWith($"Damage: {log} at byte ", finding, StringComparison.Ordinal);
        Assert.Contains("The start doesn't look there: the partition serves", finding, StringComparison.Ordinal);

        await broker.StartAsync();
        var clients = new ConfluentClients(broker.Address);
        AssertOthersServe(clients);
        using IConsumer<string?, string?> consumer = clients.Consumer("reader");
        consumer.Assign(new TopicPartitionOffset(Topic, Damaged, Offset.Beginning));
        for (int number = 0; number < records; number++)
        {
            Assert.Equal($"{number}", consumer.Consume(TimeSpan.FromSeconds(30)).Message.Value);
        }

        await Eventually.TrueAsync(
            "the broker's log names the place",
            async () =>
            {
                _ = consumer.Consume(TimeSpan.Zero);
                return await OwnLogAsync(broker);
            },
            text => text.Contains(PlaceIn(finding), StringComparison.Ordinal),
            TimeSpan.FromSeconds(30));
        await broker.StopAsync();
    }

    [Fact]
    public async Task A_sound_directory_a_torn_tail_and_a_broken_index_are_told_apart()
    {
        await using EmbeddedBroker broker = await FilledAsync();
        await broker.StopAsync();
        CommandRun sound = await CheckAsync(broker);
        Assert.True(sound.ExitCode == 0, sound.Output);
        Assert.EndsWith("Sound.", Assert.Single(Lines(sound.Output)), StringComparison.Ordinal);

        string index = Path.Combine(broker.LogDirectory, $"{Topic}-0", "00000000000000000000.timeindex");
        byte[] entries = await File.ReadAllBytesAsync(index);
        await File.WriteAllBytesAsync(index, entries[..^1]);
        CommandRun broken = await CheckAsync(broker);
        Assert.Equal(1, broken.ExitCode);
        Assert.StartsWith($"Repairable: {index}: ", Assert.Single(FindingsOf(broken)), StringComparison.Ordinal);

        // The start mends it, and leaves a torn write behind when it is killed.
        await broker.StartAsync();
        await broker.KillAsync();
        string log = Path.Combine(broker.LogDirectory, $"{Topic}-0", "00000000000000000000.log");
        byte[] batches = await File.ReadAllBytesAsync(log);
        await File.AppendAllTextAsync(log, "torn");
        string torn = Assert.Single(FindingsOf(await CheckAsync(broker)));
        Assert.Equal(
            $"Repairable: {log} at byte {batches.Length}: The file ends 4 bytes after the last whole record batch. It's cut: nothing from there on had been acknowledged.", torn);
        await broker.StartAsync();
        Assert.Equal(Partitions * Records, new ConfluentClients(broker.Address).ReadAll(Topic, Partitions).Count);
        await broker.StopAsync();
        Assert.Equal(0, (await CheckAsync(broker)).ExitCode);
    }

    /// <summary>A broker with records in every partition, a batch each.</summary>
    private static async Task<EmbeddedBroker> FilledAsync()
    {
        EmbeddedBroker broker = await EmbeddedBroker.StartNewAsync();
        var clients = new ConfluentClients(broker.Address);
        await clients.CreateTopicAsync(Topic, Partitions);
        using IProducer<string?, string?> producer = clients.Producer(config => config.BatchNumMessages = 1);
        await Task.WhenAll(Enumerable.Range(0, Partitions * Records).Select(number =>
            producer.ProduceAsync(new TopicPartition(Topic, number % Partitions), new() { Value = $"{number / Partitions}" })));
        return broker;
    }

    /// <summary>Changes a byte of a record in the middle of the batches. Returns the file, and how many records come before.</summary>
    private static (string Log, int RecordsBefore) Damage(EmbeddedBroker broker)
    {
        string log = Path.Combine(broker.LogDirectory, $"{Topic}-{Damaged}", "00000000000000000000.log");
        byte[] bytes = File.ReadAllBytes(log);
        int position = 0;
        int batches = 0;
        while (batches < Records / 2)
        {
            position += 12 + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(position + 8));
            batches++;
        }

        bytes[position + 65] ^= 1;
        File.WriteAllBytes(log, bytes);
        return (log, batches);
    }

    private static Task<CommandRun> CheckAsync(EmbeddedBroker broker) => CommandRun.OfAsync(broker.LogDirectory, "broker", "check", broker.LogDirectory);

    private static IEnumerable<string> FindingsOf(CommandRun check) => Lines(check.Output)[..^1];

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>File and byte, as the finding names them.</summary>
    private static string PlaceIn(string finding) => finding["Damage: ".Length..finding.IndexOf(": A record", StringComparison.Ordinal)];

    private static Task<string> OwnLogAsync(EmbeddedBroker broker) => File.ReadAllTextAsync(broker.LogFile);

    private static void AssertOthersServe(ConfluentClients clients)
    {
        foreach (int partition in Enumerable.Range(0, Partitions).Where(partition => partition != Damaged))
        {
            using IConsumer<string?, string?> consumer = clients.Consumer("others");
            consumer.Assign(new TopicPartitionOffset(Topic, partition, Offset.Beginning));
            Assert.Equal(Enumerable.Range(0, Records).Select(number => $"{number}"), ConfluentClients.ReadToEnds(consumer, 1).Select(record => record.Message.Value));
            using IProducer<string?, string?> producer = clients.Producer();
            producer.Produce(new TopicPartition(Topic, partition), new() { Value = $"{Records}" });
            Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
        }
    }
}
