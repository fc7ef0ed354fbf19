using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Log;
using Carousel.Wire;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Partitions;

/// <summary>Random work, a crash at any point, and what must be there afterwards. A failure prints its seed.</summary>
public sealed class CrashTests
{
    private static readonly LogSettings SmallSegments = new() { SegmentBytes = 3000, IndexIntervalBytes = 200 };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task After_power_losses_all_that_was_acknowledged_is_there_once_and_in_order(int seed) =>
        await CrashAgainAndAgain(seed, async (broker, random) => await broker.PowerLoss(random.Next()));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task After_kills_all_that_was_acknowledged_is_there_once_and_in_order(int seed) =>
        await CrashAgainAndAgain(seed, async (broker, _) => await broker.Kill());

    [Fact]
    public async Task A_write_that_was_torn_is_cut_and_said()
    {
        SimulatedFileSystem disk;
        int end;
        {
            TestBroker broker = await TestBroker.OpenAsync();
            Partition partition = broker.Get();
            await partition.ProduceAsync(Plain("a", "b"));
            end = (int)partition.SizeBytes;
            disk = await broker.Kill();
        }

        string log = PathOf(SegmentFiles.Log);
        using (IFile file = disk.Open(log, FileAccessKind.ReadWrite))
        {
            byte[] half = Plain("never acknowledged")[..50];
            file.Write(half, end);
        }

        await using TestBroker again = await TestBroker.OpenAsync(disk);
        Assert.Equal([(0, "a"), (1, "b")], again.Get().ReadValues());
        Assert.Contains($"Warning {log}: cut at byte {end}, offset 2", again.Log.Text, StringComparison.Ordinal);
        AppendResult next = await again.Get().ProduceAsync(Plain("c"));
        Assert.Equal(2, next.BaseOffset);
    }

    [Fact]
    public async Task A_byte_changed_in_what_was_flushed_takes_the_partition_out_of_service_and_no_other()
    {
        var other = new TopicPartition("payments", 3);
        TestBroker broker = await TestBroker.OpenAsync();
        for (int number = 0; number < 20; number++)
        {
            await broker.Get().ProduceAsync(Plain($"{number}"));
            await broker.Get(other).ProduceAsync(Plain($"{number}"));
        }

        SimulatedFileSystem disk = await broker.Kill();
        string log = PathOf(SegmentFiles.Log);
        int batchSize = Plain("0").Length;
        disk.Flip(log, (7 * batchSize) + 65);
        byte[] before = disk.ReadAll(log);

        await using TestBroker again = await TestBroker.OpenAsync(disk);
        Partition broken = again.Get();
        Assert.Equal((log, 7L * batchSize), (broken.Fault!.File, broken.Fault.Position));
        Assert.Contains("checksum doesn't match", broken.Fault.Reason, StringComparison.Ordinal);
        Assert.Contains($"Error Partition orders-0 is out of service: {log} at byte {7 * batchSize}", again.Log.Text, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.KafkaStorageError, broken.Append(Plain("x"), AppendOrigin.Client).Error);
        using ReadResult read = broken.Read(0, 1000, readCommitted: false, minOneBatch: true);
        Assert.Equal(ErrorCode.KafkaStorageError, read.Error);
        Assert.Equal(before, again.Disk.ReadAll(log));
        Assert.Equal(20, again.Get(other).ReadValues().Count);
        await again.Get(other).ProduceAsync(Plain("goes on"));
    }

    [Fact]
    public async Task A_log_that_lost_its_flushed_end_is_out_of_service()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        await broker.Get().ProduceAsync(Plain("a"));
        await broker.Get().ProduceAsync(Plain("b"));
        SimulatedFileSystem disk = await broker.Kill();
        using (IFile file = disk.Open(PathOf(SegmentFiles.Log), FileAccessKind.ReadWrite))
        {
            file.SetLength(Plain("a").Length);
        }

        await using TestBroker again = await TestBroker.OpenAsync(disk);
        Assert.Contains("the log ends at offset 1, and everything below 2 had been flushed", again.Get().Fault!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_byte_changed_under_a_running_broker_never_reaches_a_reader()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        for (int number = 0; number < 3; number++)
        {
            await partition.ProduceAsync(Plain($"{number}"));
        }

        broker.Disk.Flip(PathOf(SegmentFiles.Log), Plain("0").Length + 66);
        using (ReadResult sound = partition.Read(0, 1 << 20, readCommitted: false, minOneBatch: true))
        {
            Assert.Equal((ErrorCode.None, 1), (sound.Error, sound.NextOffset));
        }

        using (ReadResult broken = partition.Read(1, 1 << 20, readCommitted: false, minOneBatch: true))
        {
            Assert.Equal(ErrorCode.CorruptMessage, broken.Error);
        }

        Assert.Contains("a reader at offset 1 met bytes that aren't what was written", broker.Log.Text, StringComparison.Ordinal);
        using ReadResult after = partition.Read(2, 1 << 20, readCommitted: false, minOneBatch: true);
        Assert.Equal(ErrorCode.None, after.Error);
    }

    [Fact]
    public async Task A_flush_that_fails_ends_the_broker_and_acknowledges_nothing()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Plain("a"));
        broker.Disk.FailingSync = SegmentFiles.Log;
        AppendResult result = partition.Append(Plain("b"), AppendOrigin.Client);
        ErrorCode error = await partition.WaitUntilDurableAsync(result.LastOffset, CancellationToken.None);
        Assert.Equal(ErrorCode.KafkaStorageError, error);
        IOException failure = await Assert.ThrowsAsync<IOException>(() => broker.Running);
        Assert.Contains("fdatasync", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Critical The disk failed to flush", broker.Log.Text, StringComparison.Ordinal);
        broker.Disk.FailingSync = null;
        await broker.Set.DisposeAsync();
        Assert.False(broker.Disk.FileExists($"{TestBroker.Directory}/.kafka_cleanshutdown"), "what can't be trusted isn't called clean");
    }

    [Fact]
    public async Task A_full_disk_refuses_appends_readers_go_on_and_so_do_appends_when_there_is_room()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: SmallSegments);
        for (int number = 0; number < 100; number++)
        {
            await partition.ProduceAsync(Plain($"{number}"));
        }

        broker.Disk.FreeBytes = 5000;
        int taken = 100;
        AppendResult result = partition.Append(Plain($"{taken}"), AppendOrigin.Client);
        while (result.IsSuccess)
        {
            taken++;
            result = partition.Append(Plain($"{taken}"), AppendOrigin.Client);
        }

        Assert.Equal(ErrorCode.KafkaStorageError, result.Error);
        Assert.Contains("No space left", result.Reason, StringComparison.Ordinal);
        Assert.Equal(taken, partition.LogEndOffset);
        await partition.DurableAsync(taken - 1);
        Assert.Equal(taken, partition.ReadValues().Count);
        Assert.Equal(ErrorCode.KafkaStorageError, partition.Append(Plain("again"), AppendOrigin.Client).Error);

        broker.Disk.FreeBytes = long.MaxValue;
        int more = taken + 100;
        for (; taken < more; taken++)
        {
            Assert.Equal(taken, (await partition.ProduceAsync(Plain($"{taken}"))).BaseOffset);
        }

        await using TestBroker again = await TestBroker.OpenAsync(broker.Disk.Kill());
        Assert.Equal(Enumerable.Range(0, more).Select(number => ((long)number, $"{number}")), again.Get().ReadValues());
    }

    private static async Task CrashAgainAndAgain(int seed, Func<TestBroker, Random, Task<SimulatedFileSystem>> crash)
    {
        var random = new Random(seed);
        var acknowledged = new List<string>();
        var disk = new SimulatedFileSystem();
        int next = 0;
        for (int life = 0; life < 8; life++)
        {
            TestBroker broker = await TestBroker.OpenAsync(disk);
            Partition partition = broker.Get(settings: SmallSegments);
            Assert.True(partition.Fault is null, $"seed {seed}, life {life}: {partition.Fault}");
            List<string> found = [.. partition.ReadValues().Select(record => record.Value)];

            // Unacknowledged records may be there or not, but after the acknowledged ones, in order, and without a gap.
            Assert.Equal(acknowledged, found.Take(acknowledged.Count));
            Assert.Equal(found.Distinct().Order(StringComparer.Ordinal), found);
            acknowledged = found;

            var pending = new Queue<(long LastOffset, string[] Values)>();
            for (int step = random.Next(5, 80); step > 0; step--)
            {
                string[] values = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"{next++:D8}{new string('x', random.Next(300))}")];
                AppendResult result = partition.Append(Plain(values), AppendOrigin.Client);
                Assert.True(result.IsSuccess, $"seed {seed}: {result.Reason}");
                pending.Enqueue((result.LastOffset, values));
                if (random.Next(4) == 0)
                {
                    await partition.DurableAsync(result.LastOffset);
                }

                if (random.Next(40) == 0)
                {
                    await broker.Set.CheckpointAsync(CancellationToken.None);
                }
            }

            // What was promised by then; more may be promised until the crash, and need not be.
            long promised = partition.HighWatermark;
            disk = await crash(broker, random);
            while (pending.TryDequeue(out (long LastOffset, string[] Values) append) && append.LastOffset < promised)
            {
                acknowledged.AddRange(append.Values);
            }
        }
    }

    private static string PathOf(string kind) => SegmentFiles.PathOf($"{TestBroker.Directory}/orders-0", 0, kind);
}
