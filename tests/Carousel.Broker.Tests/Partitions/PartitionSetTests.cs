using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Log;
using Carousel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Partitions;

public sealed class PartitionSetTests
{
    [Fact]
    public async Task After_a_clean_stop_nothing_is_scanned()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        for (int partition = 0; partition < 5; partition++)
        {
            for (int number = 0; number < 20; number++)
            {
                await broker.Get(new("orders", partition), new LogSettings { SegmentBytes = 1000 }).ProduceAsync(Idempotent(9, 0, number, $"{number}"));
            }
        }

        await broker.DisposeAsync();
        await using TestBroker again = await TestBroker.OpenAsync(broker.Disk);
        Assert.Equal(5, again.Set.Partitions.Count);
        Assert.DoesNotContain("scanned", again.Log.Text, StringComparison.Ordinal);
        Assert.Contains("Opened 5 partitions in /data", again.Log.Text, StringComparison.Ordinal);
        Assert.Equal(20, again.Get(new("orders", 3)).ReadValues().Count);
        Assert.True(again.Get(new("orders", 3)).Append(Idempotent(9, 0, 19, "19"), AppendOrigin.Client).IsDuplicate);
        Assert.False(again.Disk.FileExists($"{TestBroker.Directory}/.kafka_cleanshutdown"), "it isn't clean any more once it runs");
    }

    [Fact]
    public async Task Topic_ids_and_names_with_dashes_survive()
    {
        Guid id = Guid.NewGuid();
        TestBroker broker = await TestBroker.OpenAsync();
        broker.Set.Create(new("my-topic-7", 12), id, LogSettings.Default);
        await broker.DisposeAsync();
        await using TestBroker again = await TestBroker.OpenAsync(broker.Disk);
        Assert.Equal(id, again.Get(new("my-topic-7", 12)).TopicId);
    }

    [Fact]
    public async Task A_second_set_on_the_same_directory_is_told_who_has_it()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        DataDirectoryException refused = await Assert.ThrowsAsync<DataDirectoryException>(() => TestBroker.OpenAsync(broker.Disk));
        Assert.Equal("The data directory /data is in use by process 4711. Stop that one first, or give this one another directory.", refused.Message);
    }

    [Fact]
    public async Task The_lock_of_the_machines_own_disk_names_this_process_and_ends_with_it()
    {
        string directory = Path.Combine(Path.GetTempPath(), $"carousel-lock-{Guid.NewGuid():N}");
        var options = new PartitionSetOptions { DataDirectory = directory };
        try
        {
            PartitionSet first = await OpenAsync(options);
            DataDirectoryException refused = await Assert.ThrowsAsync<DataDirectoryException>(() => OpenAsync(options));
            Assert.Contains($"in use by process {Environment.ProcessId}.", refused.Message, StringComparison.Ordinal);
            await first.DisposeAsync();
            await (await OpenAsync(options)).DisposeAsync();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        static Task<PartitionSet> OpenAsync(PartitionSetOptions options) =>
            PartitionSet.OpenAsync(options, new PhysicalFileSystem(), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
    }

    [Fact]
    public async Task A_partition_that_could_not_be_made_leaves_nothing()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        broker.Disk.FreeBytes = 10;
        Assert.Throws<IOException>(() => broker.Get());
        Assert.Empty(broker.Disk.ListDirectories(TestBroker.Directory));
        Assert.False(broker.Set.TryGet(TestBroker.Orders, out _));
        broker.Disk.FreeBytes = long.MaxValue;
        await broker.Get().ProduceAsync(Plain("a"));
        Assert.Throws<IOException>(() => broker.Set.Create(TestBroker.Orders, Guid.NewGuid(), LogSettings.Default));
    }

    [Fact]
    public async Task A_crash_at_any_step_of_making_and_deleting_partitions_leaves_whole_ones()
    {
        for (int stopAt = 0; ; stopAt++)
        {
            TestBroker broker = await TestBroker.OpenAsync();
            SimulatedFileSystem? lost = null;
            int step = 0;
            broker.Disk.OnSync = _ => lost = step++ == stopAt ? broker.Disk.PowerLoss(stopAt) : lost;
            broker.Get(new("first", 0));
            broker.Get(new("second", 0));
            broker.Set.Delete(new("first", 0));
            broker.Disk.OnSync = null;
            await broker.Kill();
            if (lost is null)
            {
                Assert.True(stopAt > 8, $"only {stopAt} steps were seen");
                return;
            }

            await using TestBroker again = await TestBroker.OpenAsync(lost);
            Assert.All(again.Set.Partitions, partition => Assert.True(partition.Fault is null, $"step {stopAt}: {partition.Fault}"));
            await Eventually.TrueAsync(
                "what was half made or half deleted is gone",
                () => lost.ListDirectories(TestBroker.Directory).Count,
                count => count == again.Set.Partitions.Count,
                TestBroker.Patience);
        }
    }

    [Fact]
    public async Task The_loops_write_checkpoints_apply_retention_and_compact()
    {
        await using TestBroker broker = await TestBroker.OpenAsync(configure: options =>
        {
            options.CheckpointInterval = TimeSpan.FromSeconds(5);
            options.RetentionInterval = TimeSpan.FromSeconds(30);
            options.CleanerInterval = TimeSpan.FromSeconds(15);
        });
        Partition deleted = broker.Get(settings: new LogSettings { SegmentBytes = 1000, RetentionBytes = 2000, RetentionAge = null });
        Partition compacted = broker.Get(new("state", 0), new LogSettings { SegmentBytes = 1000, CleanupPolicy = CleanupPolicies.Compact });
        for (int number = 0; number < 100; number++)
        {
            await deleted.ProduceAsync(Keyed("key", $"{number}"));
            await compacted.ProduceAsync(Keyed("key", $"{number}"));
        }

        long before = compacted.SizeBytes;
        await Eventually.TrueAsync(
            "all three have worked",
            () =>
            {
                broker.Time.Advance(TimeSpan.FromSeconds(5));
                return (deleted.LogStartOffset, compacted.SizeBytes, Checkpoint: RecoveryPoint(broker, compacted.Name));
            },
            seen => seen.LogStartOffset > 0 && seen.SizeBytes < before / 2 && seen.Checkpoint == 100,
            TestBroker.Patience);
    }

    private static long RecoveryPoint(TestBroker broker, TopicPartition name) =>
        new OffsetCheckpoint(broker.Disk, $"{TestBroker.Directory}/recovery-point-offset-checkpoint").Read().GetValueOrDefault(name);
}
