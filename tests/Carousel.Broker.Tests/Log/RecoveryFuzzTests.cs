using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Partitions;
using Carousel.Wire;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Log;

/// <summary>
/// Files that anything may have happened to: a start, a check and reads end in an answer, never in an exception; and what the check says of the start is so.
/// </summary>
public sealed class RecoveryFuzzTests
{
    private const string Folder = $"{TestBroker.Directory}/orders-0";

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task Changed_cut_and_missing_files_are_recovered_or_named(int seed, bool isClean)
    {
        SimulatedFileSystem sound = await FilledAsync(isClean);
        var random = new Random(seed);
        int faults = 0;
        for (int round = 0; round < 150; round++)
        {
            SimulatedFileSystem disk = sound.Kill();
            string[] files = [.. disk.ListFiles(Folder).Order()];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                Change(disk, files[random.Next(files.Length)], random);
            }

            LogCheckReport report = new LogCheck(disk, TestBroker.Directory, _ => new(IsCompacted: false, IsVital: false)).Run();
            await using TestBroker broker = await TestBroker.OpenAsync(disk);
            Partition partition = broker.Get();
            faults += partition.Fault is null ? 0 : 1;
            bool readsAll = Use(partition);
            string found = $"seed {seed}, round {round}: {partition.Fault}\n{string.Join('\n', report.Findings)}";
            Assert.True(report.Findings.Any(finding => finding.OnStart.StartsWith("The partition doesn't serve", StringComparison.Ordinal)) == partition.Fault is not null, found);
            Assert.True(readsAll || report.Findings.Any(finding => finding.Severity == FindingSeverity.Damage), found);
        }

        Assert.InRange(faults, 10, 140);
    }

    private static void Change(SimulatedFileSystem disk, string path, Random random)
    {
        if (!disk.FileExists(path))
        {
            return;
        }

        int length = disk.ReadAll(path).Length;
        switch (random.Next(5))
        {
            case 0:
                disk.DeleteFile(path);
                break;
            case 1 when length > 0:
                using (IFile file = disk.Open(path, FileAccessKind.ReadWrite))
                {
                    file.SetLength(random.Next(length));
                }

                break;
            case 2:
                using (IFile file = disk.Open(path, FileAccessKind.ReadWrite))
                {
                    byte[] bytes = new byte[random.Next(1, 200)];
                    random.NextBytes(bytes);
                    file.Write(bytes, random.Next(length + 1));
                }

                break;
            default:
                if (length > 0)
                {
                    disk.Flip(path, random.Next(length), (byte)(1 << random.Next(8)));
                }

                break;
        }
    }

    /// <summary>True if every read was answered.</summary>
    private static bool Use(Partition partition)
    {
        bool readsAll = true;
        for (long offset = Math.Max(0, partition.LogStartOffset); offset <= partition.LogEndOffset; offset++)
        {
            using ReadResult read = partition.Read(offset, 2000, readCommitted: true, minOneBatch: true);
            Assert.True(read.Error is ErrorCode.None or ErrorCode.CorruptMessage or ErrorCode.KafkaStorageError, $"{read.Error}");
            readsAll &= read.Error == ErrorCode.None;
        }

        _ = partition.FindOffset(Time, readCommitted: false);
        _ = partition.FindOffset(Partition.MaxTimestamp, readCommitted: false);
        _ = partition.Append(Plain("x"), AppendOrigin.Client);
        return readsAll;
    }

    private static async Task<SimulatedFileSystem> FilledAsync(bool isClean)
    {
        TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: new LogSettings { SegmentBytes = 1500, IndexIntervalBytes = 200 });
        for (int number = 0; number < 40; number++)
        {
            await partition.ProduceAsync(Transactional(1, 0, number, $"{number}"));
            await partition.DurableAsync(partition.AppendMarker(1, 0, 0, isCommit: number % 2 == 0, transactionVersion: 1).LastOffset);
        }

        if (!isClean)
        {
            return await broker.Kill();
        }

        await broker.DisposeAsync();
        return broker.Disk;
    }
}
