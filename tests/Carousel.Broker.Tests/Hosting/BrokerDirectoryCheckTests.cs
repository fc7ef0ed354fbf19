using System.Security.Cryptography;
using Carousel.Broker.Hosting;
using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Partitions;
using Carousel.Broker.Tests.Topics;
using Carousel.Broker.Topics;
using Microsoft.Extensions.Logging.Abstractions;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Hosting;

/// <summary>What is said of a whole data directory; and that a broker does with it as was said.</summary>
public sealed class BrokerDirectoryCheckTests : CatalogTest
{
    private const string NoStart = "The broker doesn't start until";

    [Fact]
    public async Task A_sound_directory_is_counted_and_nothing_in_it_changes()
    {
        await FillAsync();
        string before = Fingerprint();
        var seen = new List<string>();
        BrokerDirectoryReport report = BrokerDirectoryCheck.Run(Directory, seen.Add, CancellationToken.None);
        Assert.Empty(report.Findings);
        Assert.Equal((12, 12, 0, true), (report.Partitions, report.Segments, report.Flaws, report.WasClosedCleanly));
        Assert.Equal(report.Segments, seen.Count);
        Assert.Equal(before, Fingerprint());
        Assert.Null(await StartAsync());
    }

    [Fact]
    public async Task A_missing_folder_is_made_anew_and_empty()
    {
        await FillAsync();
        System.IO.Directory.Delete(PathOf("orders-1"), recursive: true);
        Assert.StartsWith($"Damage: {PathOf("orders-1")}: The catalog has topic orders with 3 partitions", OnlyFinding(), StringComparison.Ordinal);
        Assert.Null(await StartAsync());
        Assert.True(System.IO.Directory.Exists(PathOf("orders-1")));
    }

    [Fact]
    public async Task A_changed_byte_in_one_partition_leaves_the_others()
    {
        await FillAsync();
        string log = SegmentFiles.PathOf(PathOf("orders-1"), 0, SegmentFiles.Log);
        Flip(log, 80);
        File.Delete(PathOf(DataDirectory.CleanMarker));
        string finding = OnlyFinding();
        Assert.StartsWith($"Damage: {log} at byte 69: A record batch's checksum doesn't match its bytes.", finding, StringComparison.Ordinal);
        Assert.EndsWith("The partition doesn't serve until it's repaired or removed; the others do.", finding, StringComparison.Ordinal);
        Assert.Null(await StartAsync());
    }

    [Theory]
    [InlineData("__carousel_meta-0/00000000000000000000.log", "checksum")]
    [InlineData("__consumer_offsets-2/partition.metadata", "doesn't name a topic id")]
    [InlineData("meta.properties", "is broken")]
    [InlineData("recovery-point-offset-checkpoint", "no offset checkpoint")]
    public async Task What_the_broker_can_not_do_without_keeps_it_from_starting(string file, string problem)
    {
        await FillAsync();
        byte[] bytes = await File.ReadAllBytesAsync(PathOf(file));
        bytes.AsSpan(bytes.Length / 2).Fill((byte)'?');
        await File.WriteAllBytesAsync(PathOf(file), bytes);
        string finding = OnlyFinding();
        Assert.StartsWith($"Damage: {PathOf(file)}", finding, StringComparison.Ordinal);
        Assert.Contains(problem, finding, StringComparison.Ordinal);
        Assert.Contains("doesn't start until", finding, StringComparison.Ordinal);
        Assert.NotNull(await StartAsync());
    }

    [Fact]
    public async Task Without_the_catalog_nothing_is_served_and_nothing_is_lost()
    {
        await FillAsync();
        System.IO.Directory.Move(PathOf("__carousel_meta-0"), PathOf("aside"));
        BrokerDirectoryReport report = Check();
        Assert.Equal(1, report.Flaws);
        Assert.StartsWith($"Damage: {PathOf("__carousel_meta-0")}: The catalog of topics isn't there", report.Findings[0], StringComparison.Ordinal);
        Assert.Contains("The catalog of topics, the folder __carousel_meta-0, is missing, and orders-", await StartAsync(), StringComparison.Ordinal);
        System.IO.Directory.Move(PathOf("aside"), PathOf("__carousel_meta-0"));
        Assert.Equal(0, Check().Flaws);
        Assert.Null(await StartAsync());
    }

    [Fact]
    public async Task A_folder_of_another_topic_keeps_the_broker_from_starting()
    {
        await FillAsync();
        PartitionMetadataFile.Write(new PhysicalFileSystem(), PathOf("orders-1"), Guid.NewGuid());
        string finding = OnlyFinding();
        Assert.Contains("The folder belongs to topic id", finding, StringComparison.Ordinal);
        Assert.Contains(NoStart, finding, StringComparison.Ordinal);
        Assert.Contains("move the folder away", await StartAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_no_topic_has_is_only_worth_knowing()
    {
        await FillAsync();
        System.IO.Directory.CreateDirectory(PathOf("notes"));
        System.IO.Directory.Move(PathOf("orders-2"), PathOf("orders-7"));
        BrokerDirectoryReport report = Check();
        Assert.Equal(1, report.Flaws);
        Assert.Contains(report.Findings, finding => finding.StartsWith($"Note: {PathOf("orders-7")}: No topic of the catalog has this partition. It's left alone", StringComparison.Ordinal));
        Assert.Contains(report.Findings, finding => finding.StartsWith($"Note: {PathOf("notes")}: This isn't a partition's folder.", StringComparison.Ordinal));
        Assert.Null(await StartAsync());
        Assert.True(System.IO.Directory.Exists(PathOf("orders-7")));
    }

    [Fact]
    public async Task What_is_no_data_directory_of_a_broker_is_refused_with_the_reason()
    {
        AssertRefused("it has no meta.properties");
        System.IO.Directory.CreateDirectory(PathOf("broker"));
        await File.WriteAllTextAsync(PathOf("broker/meta.properties"), "");
        await File.WriteAllTextAsync(PathOf("notes.txt"), "");
        AssertRefused($"it has notes.txt. Name a directory of the embedded broker, or a new one. There is one in {PathOf("broker")}.");
        System.IO.Directory.CreateDirectory(PathOf("__cluster_metadata-0"));
        AssertRefused("is the data directory of an Apache Kafka");
        BrokerException missing = Assert.Throws<BrokerException>(() => BrokerDirectoryCheck.Run(PathOf("nowhere"), null, CancellationToken.None));
        Assert.Equal($"There is no directory {PathOf("nowhere")}.", missing.Message);
    }

    [Fact]
    public async Task A_directory_that_a_broker_has_is_refused_and_no_broker_starts_on_one_that_is_checked()
    {
        await FillAsync();
        var files = new PhysicalFileSystem();
        using (files.Lock(PathOf(DataDirectory.LockFile)))
        {
            AssertRefused($"is in use by process {Environment.ProcessId}: stop that one first");
        }

        Exception? started = null;
        _ = BrokerDirectoryCheck.Run(Directory, _ => started ??= Record.Exception(() => files.Lock(PathOf(DataDirectory.LockFile))), CancellationToken.None);
        Assert.IsType<FileLockedException>(started);
        Assert.Null(await StartAsync());
    }

    private string PathOf(string name) => Path.Combine(Directory, name);

    private BrokerDirectoryReport Check() => BrokerDirectoryCheck.Run(Directory, null, CancellationToken.None);

    private string OnlyFinding()
    {
        BrokerDirectoryReport report = Check();
        Assert.Equal(1, report.Flaws);
        return Assert.Single(report.Findings);
    }

    private void AssertRefused(string reason) => Assert.Contains(reason, Assert.Throws<BrokerException>(Check).Message, StringComparison.Ordinal);

    private static void Flip(string path, int position)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[position] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>A directory with a topic of three partitions, two batches in each, closed cleanly.</summary>
    private async Task FillAsync()
    {
        _ = ClusterIdentity.LoadOrCreate(new PhysicalFileSystem(), Directory);
        await using CatalogHost host = await OpenAsync();
        Topic topic = await host.CreateAsync("orders", 3);
        foreach (Partition partition in topic.Partitions)
        {
            await partition.ProduceAsync(Plain("a"));
            await partition.ProduceAsync(Plain("b"));
        }
    }

    /// <summary>Starts and stops a broker. Returns why it can't; null if it can.</summary>
    private async Task<string?> StartAsync()
    {
        using var meters = new TestMeters();
        var options = new BrokerOptions { DataDirectory = Directory, Port = 0 };
        try
        {
            await using Broker.Hosting.Broker broker = await Broker.Hosting.Broker.OpenAsync(
                options, NullLoggerFactory.Instance, meters, TimeProvider.System, CancellationToken.None);
            return null;
        }
        catch (BrokerException e)
        {
            return e.Message;
        }
    }

    private string Fingerprint() => string.Join(
        '\n',
        System.IO.Directory.GetFiles(Directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{path} {File.GetLastWriteTimeUtc(path):O} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"));
}
