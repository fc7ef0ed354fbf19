using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Partitions;
using Carousel.Wire;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Log;

/// <summary>A batch's first offset isn't covered by its checksum, so where it changed on disk only its neighbours tell.</summary>
public sealed class ChangedOffsetTests
{
    private static readonly string LogFile = SegmentFiles.PathOf($"{TestBroker.Directory}/orders-0", 0, SegmentFiles.Log);

    [Fact]
    public async Task An_offset_that_leads_over_the_end_of_what_was_flushed_is_damage_and_nothing_is_cut()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        await ProduceThreeAsync(broker);
        SimulatedFileSystem disk = await broker.Kill();
        int second = ChangeSecond(disk);
        byte[] before = disk.ReadAll(LogFile);

        await using TestBroker restarted = await TestBroker.OpenAsync(disk);
        PartitionFault fault = restarted.Get().Fault!;
        Assert.Equal((LogFile, second), (fault.File, fault.Position));
        Assert.Contains("and 1 is due", fault.Reason, StringComparison.Ordinal);
        Assert.Equal(before, disk.ReadAll(LogFile));
    }

    [Fact]
    public async Task A_reader_who_comes_to_an_offset_beyond_the_end_is_told_and_does_not_wait_for_ever()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        await ProduceThreeAsync(broker);
        await broker.DisposeAsync();
        int second = ChangeSecond(broker.Disk);

        await using TestBroker restarted = await TestBroker.OpenAsync(broker.Disk);
        using ReadResult first = restarted.Get().Read(0, 1 << 20, readCommitted: false, minOneBatch: true);
        Assert.Equal((ErrorCode.None, second), (first.Error, first.Records.Length));
        using ReadResult next = restarted.Get().Read(1, 1 << 20, readCommitted: false, minOneBatch: true);
        Assert.Equal(ErrorCode.CorruptMessage, next.Error);
        Assert.Contains($"{LogFile} at byte {second}", restarted.Log.Text, StringComparison.Ordinal);
    }

    private static async Task ProduceThreeAsync(TestBroker broker)
    {
        foreach (string value in (string[])["a", "b", "c"])
        {
            await broker.Get().ProduceAsync(Plain(value));
        }
    }

    /// <summary>Makes the second batch begin at offset 65537. Returns where it lies.</summary>
    private static int ChangeSecond(SimulatedFileSystem disk)
    {
        int position = Plain("a").Length;
        disk.Flip(LogFile, position + 5, 1);
        return position;
    }
}
