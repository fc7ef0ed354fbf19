using Carousel.Broker.Log;
using Carousel.Broker.Tests.Partitions;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Log;

/// <summary>Small batches go over zeros that are written already; large ones into space that is only allocated.</summary>
public sealed class WriteAheadTests
{
    private const string Folder = $"{TestBroker.Directory}/orders-0";

    [Fact]
    public async Task Zeros_are_written_once_for_many_small_batches_and_never_for_large_ones()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        var writes = new List<(long Position, int Bytes)>();
        string log = SegmentFiles.PathOf(Folder, 0, SegmentFiles.Log);
        broker.Disk.OnWrite = (path, position, bytes) =>
        {
            if (path == log)
            {
                writes.Add((position, bytes));
            }
        };

        byte[] small = Plain("a");
        await broker.Get().ProduceAsync([.. small]);
        await broker.Get().ProduceAsync([.. small]);
        byte[] large = Plain(new string('b', 100_000));
        await broker.Get().ProduceAsync([.. large]);

        int allocated = small.Length + (128 << 10);
        Assert.Equal([(0L, allocated), (0L, small.Length), (small.Length, small.Length), (2 * small.Length, large.Length)], writes);
        await broker.DisposeAsync();
        Assert.Equal((2 * small.Length) + large.Length, broker.Disk.ReadAll(log).Length);
    }
}
