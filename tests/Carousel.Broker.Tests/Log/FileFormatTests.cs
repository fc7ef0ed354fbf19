using System.Text;
using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Partitions;
using Carousel.Wire.Records;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Log;

/// <summary>The bytes of every file that is written, as docs/formats/log.md draws them.</summary>
public sealed class FileFormatTests
{
    private const string Folder = $"{TestBroker.Directory}/orders-0";
    private static readonly Guid TopicId = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");

    [Fact]
    public async Task A_closed_partition_has_these_files_with_these_bytes()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Set.Create(TestBroker.Orders, TopicId, new LogSettings { IndexIntervalBytes = 100 });
        await partition.ProduceAsync(Transactional(0x1122, 3, 5, "a", "b"));
        await partition.DurableAsync(partition.AppendMarker(0x1122, 3, 7, isCommit: false, transactionVersion: 1).LastOffset);
        broker.Time.Advance(TimeSpan.FromMilliseconds(1));
        await partition.ProduceAsync(At(Time + 1, "c"));
        partition.DeleteRecords(1);
        await broker.DisposeAsync();

        string time = "0000018bcfe56800";
        string later = "0000018bcfe56801";
        Assert.Equal("version: 0\ntopic_id: ABEiM0RVZneImaq7zN3u_w\n", Text($"{Folder}/partition.metadata"));
        Assert.Equal("0\n1\n0 0\n", Text($"{Folder}/leader-epoch-checkpoint"));
        Assert.Equal("0\n1\norders 0 4\n", Text($"{TestBroker.Directory}/recovery-point-offset-checkpoint"));
        Assert.Equal("0\n1\norders 0 1\n", Text($"{TestBroker.Directory}/log-start-offset-checkpoint"));
        Assert.Equal("{\"version\":0,\"brokerEpoch\":-1}", Text($"{TestBroker.Directory}/.kafka_cleanshutdown"));

        // Last offset 3 at byte 155: two records in 77 bytes and a marker in 78 come before.
        Assert.Equal("00000003" + "0000009b", Hex(SegmentFiles.OffsetIndex, 0));
        Assert.Equal(later + "00000003", Hex(SegmentFiles.TimeIndex, 0));
        Assert.Equal("0000" + "0000000000001122" + "0000000000000000" + "0000000000000002" + "0000000000000003", Hex(SegmentFiles.TransactionIndex, 0));
        Assert.Equal(
            "0001" + "45597218" + "00000001"
            + "0000000000001122" + "0003" + "00000006" + "0000000000000001" + "00000001" + time + "00000007" + "ffffffffffffffff",
            Hex(SegmentFiles.Snapshot, 4));
        Assert.Equal(
            "0001" + "50af65a7" + "00000001"
            + "0000000000001122" + "0003" + "00000007" + time + "ffffffffffffffff" + "01"
            + "00000006" + "0000000000000001" + "00000001" + time,
            Hex(SegmentFiles.Producers, 4));
        Assert.Equal("0000000000000004" + "0000000000000000" + "9cbf58d9", Convert.ToHexStringLower(broker.Disk.ReadAll($"{Folder}/flushed-offset")));
        Assert.Equal(155 + 69, broker.Disk.ReadAll(SegmentFiles.PathOf(Folder, 0, SegmentFiles.Log)).Length);

        string Text(string path) => Encoding.UTF8.GetString(broker.Disk.ReadAll(path));
        string Hex(string kind, long offset) => Convert.ToHexStringLower(broker.Disk.ReadAll(SegmentFiles.PathOf(Folder, offset, kind)));
    }

    [Fact]
    public void A_decided_swap_is_a_list_of_segments()
    {
        var disk = new SimulatedFileSystem();
        disk.CreateDirectory(Folder);
        SegmentLeftovers.Begin(disk, Folder, 10, [10, 20, 30]);
        Assert.Equal("0\n10 20 30\n", Encoding.UTF8.GetString(disk.ReadAll($"{Folder}/00000000000000000010.swap")));
    }

    [Fact]
    public void Kafkas_snapshot_is_read_where_ours_is_broken()
    {
        var disk = new SimulatedFileSystem();
        disk.CreateDirectory(Folder);
        var states = new ProducerStates { NextOffset = 0 };
        for (int number = 0; number < 3; number++)
        {
            byte[] batch = Idempotent(8, 1, number, "x");
            RecordBatch.SetPlace(batch, number, 0);
            states.Add(batch, now: 5);
        }

        ProducerSnapshot.Write(disk, Folder, states);
        Assert.Equal(3, ProducerSnapshot.TryRead(disk, Folder, 3, now: 9)!.Find(8)!.Batches.Count);
        disk.Flip(SegmentFiles.PathOf(Folder, 3, SegmentFiles.Producers), 20);
        ProducerState read = ProducerSnapshot.TryRead(disk, Folder, 3, now: 9)!.Find(8)!;
        Assert.Equal((1, 2, 2L, (short)1), (read.Batches.Count, read.LastSequence, read.LastDataOffset, read.Epoch));
        disk.Flip(SegmentFiles.PathOf(Folder, 3, SegmentFiles.Snapshot), 20);
        Assert.Null(ProducerSnapshot.TryRead(disk, Folder, 3, now: 9));
    }

    [Theory]
    [InlineData("0\n1\n")]
    [InlineData("1\n0\n")]
    [InlineData("0\n1\norders 0\n")]
    [InlineData("0\n1\norders zero 5\n")]
    [InlineData("")]
    public void A_broken_checkpoint_says_so(string text)
    {
        var disk = new SimulatedFileSystem();
        disk.CreateDirectory(TestBroker.Directory);
        SmallFile.ReplaceText(disk, $"{TestBroker.Directory}/c", text);
        Assert.Throws<InvalidDataException>(() => new OffsetCheckpoint(disk, $"{TestBroker.Directory}/c").Read());
    }
}
