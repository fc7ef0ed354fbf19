using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Partitions;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Log;

public sealed class RetentionTests
{
    private static readonly LogSettings SmallSegments = new() { SegmentBytes = 1000, RetentionAge = null };

    [Fact]
    public async Task Segments_beyond_the_size_go_oldest_first()
    {
        await using TestBroker broker = await FillAsync(SmallSegments);
        Partition partition = broker.Get(settings: SmallSegments with { RetentionBytes = 3000 });
        Apply(broker, partition);
        Assert.InRange(partition.SizeBytes, 3000, 4000);
        Assert.True(partition.LogStartOffset > 0);
        Assert.Equal($"{partition.LogStartOffset}", partition.ReadValues(partition.LogStartOffset)[0].Value);
        Assert.Equal(partition.Log!.Segments.Length, broker.Disk.ListFiles($"{TestBroker.Directory}/orders-0").Count(path => path.EndsWith(".log", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Segments_beyond_the_age_go_even_the_last_one_in_the_end()
    {
        await using TestBroker broker = await FillAsync(SmallSegments);
        Partition partition = broker.Get(settings: SmallSegments with { RetentionAge = TimeSpan.FromHours(1) });
        broker.Time.Advance(TimeSpan.FromHours(1));
        Apply(broker, partition);
        Assert.Equal(0, partition.LogStartOffset);
        broker.Time.Advance(TimeSpan.FromMilliseconds(1));
        Apply(broker, partition);

        // The last segment ends now, and goes once its end is flushed.
        await FlushAsync(broker, partition);
        Apply(broker, partition);
        Assert.Equal((100, 100, 0), (partition.LogStartOffset, partition.LogEndOffset, partition.SizeBytes));
        Assert.Equal(100, (await partition.ProduceAsync(Plain("next"))).BaseOffset);

        await using TestBroker again = await TestBroker.OpenAsync(await broker.Kill());
        Assert.Equal([(100, "next")], again.Get().ReadValues(100));
        Assert.Equal(100, again.Get().LogStartOffset);
    }

    [Fact]
    public async Task Segments_below_the_deleted_records_go()
    {
        await using TestBroker broker = await FillAsync(SmallSegments);
        Partition partition = broker.Get(settings: SmallSegments);
        partition.DeleteRecords(50);
        long size = partition.SizeBytes;
        Apply(broker, partition);
        Assert.Equal(50, partition.LogStartOffset);
        Assert.True(partition.SizeBytes < size);
        Assert.Equal("50", partition.ReadValues(50)[0].Value);
    }

    [Fact]
    public async Task A_compacted_topic_keeps_old_records()
    {
        await using TestBroker broker = await FillAsync(SmallSegments);
        Partition partition = broker.Get(settings: SmallSegments with { CleanupPolicy = CleanupPolicies.Compact, RetentionAge = TimeSpan.FromMilliseconds(1) });
        broker.Time.Advance(TimeSpan.FromDays(30));
        Apply(broker, partition);
        Assert.Equal(100, partition.ReadValues().Count);
    }

    [Fact]
    public async Task Segments_end_by_age_too()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: new LogSettings { SegmentAge = TimeSpan.FromMinutes(10), TimestampAfterMax = null });
        await partition.ProduceAsync(At(Time, "a"));
        await partition.ProduceAsync(At(Time + 600_000, "b"));
        Assert.Equal(1, partition.Log!.Segments.Length);
        await partition.ProduceAsync(At(Time + 600_001, "c"));
        Assert.Equal([0, 2], partition.Log!.Segments.ToArray().Select(segment => segment.BaseOffset));
    }

    private static async Task<TestBroker> FillAsync(LogSettings settings)
    {
        TestBroker broker = await TestBroker.OpenAsync();
        for (int number = 0; number < 100; number++)
        {
            await broker.Get(settings: settings).ProduceAsync(Plain($"{number}"));
        }

        return broker;
    }

    private static void Apply(TestBroker broker, Partition partition) =>
        new Retention(new LogContext(broker.Disk, broker.Time, broker.Log, FlushMode.Fsync), TimeSpan.FromDays(7)).Apply(partition);

    private static async Task FlushAsync(TestBroker broker, Partition partition) => await Testing.Eventually.TrueAsync(
        "the ended segment is flushed", () => partition.Log!.SealedFlushedOffset, offset => offset == partition.LogEndOffset, TestBroker.Patience);
}
