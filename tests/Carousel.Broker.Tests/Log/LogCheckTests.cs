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
        Assert.Equal(log, finding.File);
        Assert.Contains("checksum doesn't match", finding.Problem, StringComparison.Ordinal);
        Assert.Contains("doesn't serve until it's repaired", finding.OnStart, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_torn_tail_is_repairable_and_space_allocated_ahead_is_a_note()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        await broker.Get().ProduceAsync(Plain("a"));
        SimulatedFileSystem disk = await broker.Kill();
        LogFinding zeros = Assert.Single(Check(disk).Findings);
        Assert.Equal((FindingSeverity.Note, (long)Plain("a").Length), (zeros.Severity, zeros.Position));
        using (IFile file = disk.Open(SegmentFiles.PathOf(Folder, 0, SegmentFiles.Log), FileAccessKind.ReadWrite))
        {
            file.Write(Plain("torn").AsSpan(0, 60), Plain("a").Length);
        }

        LogFinding torn = Assert.Single(Check(disk).Findings);
        Assert.Equal(FindingSeverity.Repairable, torn.Severity);
        Assert.StartsWith("It's cut", torn.OnStart, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".index", 3, "doesn't begin")]
    [InlineData(".timeindex", 7, "The entry says")]
    [InlineData(".txnindex", 9, "no abort marker")]
    [InlineData(".snapshot", 12, "checksum")]
    [InlineData(".producers", 12, "checksum")]
    public async Task Broken_files_beside_the_log_are_named(string kind, int position, string problem)
    {
        SimulatedFileSystem disk = await FilledAsync();
        string path = disk.ListFiles(Folder).Order().First(path => path.EndsWith(kind, StringComparison.Ordinal));
        disk.Flip(path, position);
        LogFinding finding = Assert.Single(Check(disk).Findings);
        Assert.Equal(path, finding.File);
        Assert.Contains(problem, finding.Problem, StringComparison.Ordinal);
        Assert.Equal(FindingSeverity.Repairable, finding.Severity);
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

    private static LogCheckReport Check(SimulatedFileSystem disk) => new LogCheck(disk, TestBroker.Directory).Run();

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
