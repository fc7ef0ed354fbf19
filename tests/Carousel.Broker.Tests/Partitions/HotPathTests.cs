using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Microsoft.Extensions.Logging.Abstractions;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Partitions;

/// <summary>What an append and a read cost, on the machine's own disk. Alone, because allocations are counted for the whole process.</summary>
[Collection(nameof(HotPathTests))]
[CollectionDefinition(nameof(HotPathTests), DisableParallelization = true)]
public sealed class HotPathTests
{
    private const int LargeObjectBytes = 85_000;

    [Fact]
    public async Task An_append_allocates_next_to_nothing()
    {
        await WithPartitionAsync(FlushMode.OperatingSystem, partition =>
        {
            byte[][] batches = [.. Enumerable.Range(0, 2000).Select(number => Idempotent(1, 0, number, new string('x', 1000)))];
            long allocated = AllocatedBy(() =>
            {
                foreach (byte[] batch in batches)
                {
                    Assert.True(partition.Append(batch, AppendOrigin.Client).IsSuccess);
                }
            });
            Assert.InRange(allocated / batches.Length, 0, 100);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Waiting_for_a_flush_allocates_next_to_nothing()
    {
        await WithPartitionAsync(FlushMode.Fsync, async partition =>
        {
            // The first waits make what the later ones use again.
            await ProduceAndWaitAsync(partition, 200);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await ProduceAndWaitAsync(partition, 500);
            long each = (GC.GetTotalAllocatedBytes(precise: true) - before) / 500;
            Assert.InRange(each, 0, 2500);
        });

        static async Task ProduceAndWaitAsync(Partition partition, int count)
        {
            for (int number = 0; number < count; number++)
            {
                AppendResult result = partition.Append(Plain("x"), AppendOrigin.Client);
                await partition.WaitUntilDurableAsync(result.LastOffset, CancellationToken.None);
            }
        }
    }

    [Fact]
    public async Task A_read_allocates_no_large_object_whatever_its_size()
    {
        await WithPartitionAsync(FlushMode.OperatingSystem, partition =>
        {
            string value = new('x', 10_000);
            for (int number = 0; number < 400; number++)
            {
                partition.Append(Plain(value), AppendOrigin.Client);
            }

            Read(partition, 0);
            long allocated = AllocatedBy(() =>
            {
                for (int round = 0; round < 100; round++)
                {
                    Read(partition, round);
                }
            });
            Assert.InRange(allocated / 100, 0, 1000);
            Assert.True(allocated < LargeObjectBytes * 2);
            return Task.CompletedTask;
        });

        static void Read(Partition partition, long offset)
        {
            using ReadResult read = partition.Read(offset, 1 << 20, readCommitted: true, minOneBatch: true);
            Assert.True(read.Records.Length > 1_000_000);
        }
    }

    private static long AllocatedBy(Action work)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    internal static async Task WithPartitionAsync(FlushMode mode, Func<Partition, Task> work)
    {
        string directory = Path.Combine(Path.GetTempPath(), $"carousel-hot-{Guid.NewGuid():N}");
        try
        {
            await using PartitionSet set = await OpenAsync(directory, mode);
            using var stop = new CancellationTokenSource();
            Task running = set.RunAsync(stop.Token);
            await work(set.Create(TestBroker.Orders, Guid.NewGuid(), LogSettings.Default));
            await stop.CancelAsync();
            await running;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    internal static Task<PartitionSet> OpenAsync(string directory, FlushMode mode) => PartitionSet.OpenAsync(
        new PartitionSetOptions { DataDirectory = directory, FlushMode = mode }, new PhysicalFileSystem(), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
}
