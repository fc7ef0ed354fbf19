using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Partitions;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Log;

public sealed class LogCheckTests
{
    private const string Folder = $"{TestBroker.Directory}/orders-0";

    [Fact]
    public async Task A_sound_directory_has_no_findings()
    {
        LogCheckReport report = Check(await FilledAsync());
        Assert.Empty(report.Findings);
        Assert.True(report.WasClosedCleanly);
        Assert.Equal((1, 120), (report.Partitions, report.Batches));
        Assert.True(report.Segments > 5);
    }

    [Fact]
    public async Task A_changed_byte_is_damage_with_its_place()
    {
        SimulatedFileSystem disk = await FilledAsync();
        string log = disk.ListFiles(Folder).Order().Where(path => path.EndsWith(SegmentFiles.Log, StringComparison.Ordinal)).ElementAt(2);
        disk.Flip(log, 80);
        LogFinding finding = Assert.Single(Check(disk).Findings, finding => finding.Severity == FindingSeverity.Damage);
        Assert.Equal((log, 70), (finding.File, finding.Position));
        Assert.Contains("checksum doesn't match", finding.Problem, StringComparison.Ordinal);
        Assert.Contains("The start doesn't look there", finding.OnStart, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_byte_in_what_the_next_start_walks_keeps_the_partition_from_serving()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        await broker.Get().ProduceAsync(Plain("a"));
        await broker.Get().ProduceAsync(Plain("b"));
        SimulatedFileSystem disk = await broker.Kill();
        disk.Flip(SegmentFiles.PathOf(Folder, 0, SegmentFiles.Log), 65);
        LogFinding finding = Assert.Single(Check(disk).Findings);
        Assert.Equal((FindingSeverity.Damage, 0), (finding.Severity, finding.Position));
        Assert.Contains("doesn't serve until it's repaired", finding.OnStart, StringComparison.Ordinal);
        LogFinding vital = Assert.Single(new LogCheck(disk, TestBroker.Directory, _ => new(IsCompacted: true, IsVital: true)).Run().Findings);
        Assert.Contains("The broker doesn't start", vital.OnStart, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_torn_tail_is_repairable_and_space_allocated_ahead_is_only_counted()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        await broker.Get().ProduceAsync(Plain("a"));
        SimulatedFileSystem disk = await broker.Kill();
        LogCheckReport killed = Check(disk);
        Assert.Empty(killed.Findings);
        Assert.Equal((1, false), (killed.ZeroTails, killed.WasClosedCleanly));
        using (IFile file = disk.Open(SegmentFiles.PathOf(Folder, 0, SegmentFiles.Log), FileAccessKind.ReadWrite))
        {
            file.Write(Plain("torn").AsSpan(0, 60), Plain("a").Length);
        }

        LogFinding torn = Assert.Single(Check(disk).Findings);
        Assert.Equal((FindingSeverity.Repairable, (long)Plain("a").Length), (torn.Severity, torn.Position));
        Assert.StartsWith("It's cut", torn.OnStart, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".index", 3, "doesn't begin", "The start doesn't see it")]
    [InlineData(".timeindex", 7, "The entry says", "The start doesn't see it")]
    [InlineData(".snapshot", 12, "checksum", "are made anew")]
    [InlineData(".producers", 12, "checksum", "are made anew")]
    [InlineData("flushed-offset", 12, "checksum", "It's written anew")]
    public async Task Broken_files_beside_the_log_are_named(string kind, int position, string problem, string onStart)
    {
        SimulatedFileSystem disk = await FilledAsync();
        string path = FirstOf(disk, kind);
        disk.Flip(path, position);
        LogFinding finding = Assert.Single(Check(disk).Findings);
        Assert.Equal((path, FindingSeverity.Repairable), (finding.File, finding.Severity));
        Assert.Contains(problem, finding.Problem, StringComparison.Ordinal);
        Assert.Contains(onStart, finding.OnStart, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".index")]
    [InlineData(".timeindex")]
    [InlineData(".txnindex")]
    public async Task A_torn_index_is_made_anew_by_the_start(string kind)
    {
        SimulatedFileSystem disk = await FilledAsync();
        string path = FirstOf(disk, kind);
        using (IFile file = disk.Open(path, FileAccessKind.ReadWrite))
        {
            file.SetLength(file.Length - 1);
        }

        LogFinding finding = Assert.Single(Check(disk).Findings, finding => !finding.Problem.Contains("aborted", StringComparison.Ordinal));
        Assert.Equal((path, FindingSeverity.Repairable, "The start makes the segment's indexes anew."), (finding.File, finding.Severity, finding.OnStart));
    }

    [Fact]
    public async Task A_wrong_index_of_aborted_transactions_is_damage_and_the_advice_mends_it()
    {
        SimulatedFileSystem disk = await FilledAsync();
        string path = FirstOf(disk, SegmentFiles.TransactionIndex);
        disk.DeleteFile(path);
        Assert.All(Check(disk).Findings, finding => Assert.Equal((path, FindingSeverity.Damage), (finding.File, finding.Severity)));
        Assert.Contains("remove the segment's .index", Check(disk).Findings[0].OnStart, StringComparison.Ordinal);

        disk.DeleteFile(Path.ChangeExtension(path, SegmentFiles.OffsetIndex));
        TestBroker broker = await TestBroker.OpenAsync(disk);
        await broker.DisposeAsync();
        Assert.Empty(Check(disk).Findings);
    }

    [Fact]
    public async Task A_missing_segment_is_damage_unless_compaction_may_have_taken_it()
    {
        SimulatedFileSystem disk = await FilledAsync();
        long second = SegmentFiles.OffsetsOf(disk, Folder, SegmentFiles.Log)[1];
        LogSegment.DeleteFiles(disk, Folder, second);
        LogFinding finding = Assert.Single(Check(disk).Findings);
        Assert.Equal(FindingSeverity.Damage, finding.Severity);
        Assert.Contains("aren't there", finding.Problem, StringComparison.Ordinal);
        Assert.Empty(new LogCheck(disk, TestBroker.Directory, _ => new(IsCompacted: true, IsVital: false)).Run().Findings);
    }

    [Fact]
    public async Task A_broken_checkpoint_keeps_the_broker_from_starting()
    {
        SimulatedFileSystem disk = await FilledAsync();
        SmallFile.ReplaceText(disk, $"{TestBroker.Directory}/log-start-offset-checkpoint", "what?");
        LogFinding finding = Assert.Single(Check(disk).Findings);
        Assert.Contains("The broker doesn't start", finding.OnStart, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DataDirectoryException>(() => TestBroker.OpenAsync(disk));
    }

    [Fact]
    public async Task A_swap_that_can_not_be_read_is_damage_and_takes_the_partition_out_of_service()
    {
        SimulatedFileSystem disk = await FilledAsync();
        SmallFile.ReplaceText(disk, $"{Folder}/00000000000000000000.swap", "0\nten\n");
        Assert.Contains(Check(disk).Findings, finding => finding.Severity == FindingSeverity.Damage && finding.File.EndsWith(".swap", StringComparison.Ordinal));
        await using TestBroker broker = await TestBroker.OpenAsync(disk);
        Assert.EndsWith(".swap", broker.Get().Fault!.File, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_and_left_over_files_are_named()
    {
        SimulatedFileSystem disk = await FilledAsync();
        disk.DeleteFile($"{Folder}/partition.metadata");
        SmallFile.ReplaceText(disk, $"{Folder}/00000000000000000000.log.cleaned", "");
        disk.CreateDirectory($"{TestBroker.Directory}/orders-1.0123-delete");
        Assert.Equal(
            [FindingSeverity.Damage, FindingSeverity.Repairable, FindingSeverity.Note],
            Check(disk).Findings.Select(finding => finding.Severity));
    }

    [Fact]
    public async Task A_missing_end_is_damage()
    {
        SimulatedFileSystem disk = await FilledAsync();
        disk.DeleteFile(disk.ListFiles(Folder).Order().Last(path => path.EndsWith(SegmentFiles.Log, StringComparison.Ordinal)));
        Assert.Contains(Check(disk).Findings, finding => finding.Severity == FindingSeverity.Damage && finding.Problem.Contains("had been flushed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_written()
    {
        SimulatedFileSystem disk = await FilledAsync();
        disk.FreeBytes = 0;
        disk.OnSync = path => Assert.Fail($"{path} was flushed");
        Check(disk);
    }

    private static LogCheckReport Check(SimulatedFileSystem disk) => new LogCheck(disk, TestBroker.Directory, _ => new(IsCompacted: false, IsVital: false)).Run();

    private static string FirstOf(SimulatedFileSystem disk, string kind) =>
        disk.ListFiles(Folder).Order().First(path => path.EndsWith(kind, StringComparison.Ordinal));

    private static async Task<SimulatedFileSystem> FilledAsync()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        var settings = new LogSettings { SegmentBytes = 1500, IndexIntervalBytes = 200 };
        Partition partition = broker.Get(settings: settings);
        for (int number = 0; number < 60; number++)
        {
            await partition.ProduceAsync(Transactional(1, 0, number, $"{number}"));
            await partition.DurableAsync(partition.AppendMarker(1, 0, 0, isCommit: number % 2 == 0, transactionVersion: 1).LastOffset);
        }

        await broker.DisposeAsync();
        return broker.Disk;
    }
}
