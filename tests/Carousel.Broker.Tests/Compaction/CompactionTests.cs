using System.Text;
using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Log;
using Carousel.Broker.Tests.Partitions;
using Carousel.Wire.Records;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Compaction;

public sealed class CompactionTests
{
    private static readonly LogSettings Compacted = new()
    {
        CleanupPolicy = CleanupPolicies.Compact,
        SegmentBytes = 1500,
        IndexIntervalBytes = 200,
        MinCleanableDirtyRatio = 0.01,
        DeleteRetention = TimeSpan.FromHours(1),
    };

    [Fact]
    public async Task The_last_record_of_each_key_stays_where_it_was()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: Compacted);
        for (int number = 0; number < 100; number++)
        {
            await partition.ProduceAsync(Keyed($"key-{number % 7}", $"{number}"));
        }

        List<(long Offset, string Value)> before = partition.ReadValues();
        long active = partition.Log!.Active.BaseOffset;
        long size = partition.SizeBytes;
        Clean(broker, partition);
        List<(long Offset, string Value)> after = partition.ReadValues();

        // Below the segment that is written, a record stays if no other below has its key; and above, all stay.
        IEnumerable<(long, string)> expected = before.Where(record => record.Offset >= active || record.Offset >= active - 7);
        Assert.Equal(expected, after);
        Assert.True(partition.SizeBytes < size / 2, $"{size} bytes became {partition.SizeBytes}");
        await partition.ProduceAsync(Keyed("key-0", "after"));
        Assert.Equal(100, partition.ReadValues(100)[0].Offset);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_is_written_compacted_and_restarted_the_last_value_of_each_key_is_found(int seed)
    {
        var random = new Random(seed);
        var state = new Dictionary<string, string?>();
        TestBroker broker = await TestBroker.OpenAsync();
        for (int step = 0; step < 900; step++)
        {
            Partition partition = broker.Get(settings: Compacted);
            string key = $"key-{random.Next(30)}";
            string? value = random.Next(4) == 0 ? null : $"{step}";
            state[key] = value;
            await partition.ProduceAsync(Keyed(key, value, broker.Time.GetUtcNow().ToUnixTimeMilliseconds()));
            switch (random.Next(30))
            {
                case 0:
                    Clean(broker, partition, keysMax: random.Next(2) == 0 ? 5 : 1000);
                    break;
                case 1:
                    broker.Time.Advance(TimeSpan.FromMinutes(random.Next(100)));
                    break;
                case 2 when random.Next(3) == 0:
                    broker = await TestBroker.OpenAsync(random.Next(2) == 0 ? await broker.Kill() : await broker.PowerLoss(random.Next()), broker.Time);
                    break;
                default:
                    break;
            }
        }

        Partition last = broker.Get(settings: Compacted);
        Assert.Equal(Live(state), Live(Fold(last)));
        Clean(broker, last);
        Assert.Equal(Live(state), Live(Fold(last)));
        await broker.DisposeAsync();
        await using TestBroker again = await TestBroker.OpenAsync(broker.Disk, broker.Time);
        Assert.Equal(Live(state), Live(Fold(again.Get())));
    }

    [Fact]
    public async Task A_tombstone_stays_until_its_horizon_is_over()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: Compacted);
        await partition.ProduceAsync(Keyed("gone", "value"));
        await partition.ProduceAsync(Keyed("gone", null));
        await FillAsync(partition);
        Clean(broker, partition);
        Assert.True(Fold(partition).TryGetValue("gone", out string? value) && value is null, "a reader that is behind must learn of it");
        broker.Time.Advance(Compacted.DeleteRetention - TimeSpan.FromMilliseconds(1));
        await FillAsync(partition);
        Clean(broker, partition);
        Assert.Contains("gone", Fold(partition).Keys);
        broker.Time.Advance(TimeSpan.FromMilliseconds(1));
        await FillAsync(partition);
        Clean(broker, partition);
        Assert.DoesNotContain("gone", Fold(partition).Keys);
    }

    [Fact]
    public async Task Aborted_records_go_and_markers_go_once_their_records_and_their_horizon_have()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: Compacted);
        await partition.ProduceAsync(KeyedIn(1, 0, "a", "committed"));
        await partition.ProduceAsync(KeyedIn(2, 0, "a", "aborted"));
        await partition.DurableAsync(partition.AppendMarker(1, 0, 0, isCommit: true, transactionVersion: 1).LastOffset);
        await partition.DurableAsync(partition.AppendMarker(2, 0, 0, isCommit: false, transactionVersion: 1).LastOffset);
        await partition.ProduceAsync(KeyedIn(1, 1, "b", "later"));
        await partition.ProduceAsync(KeyedIn(2, 1, "b", "last"));
        await partition.DurableAsync(partition.AppendMarker(1, 0, 0, isCommit: true, transactionVersion: 1).LastOffset);
        await partition.DurableAsync(partition.AppendMarker(2, 0, 0, isCommit: true, transactionVersion: 1).LastOffset);
        for (int round = 0; round < 4; round++)
        {
            await FillAsync(partition);
            Clean(broker, partition);
            Assert.Equal("committed", Fold(partition)["a"]);
            Assert.Equal("last", Fold(partition)["b"]);
            broker.Time.Advance(TimeSpan.FromHours(2));
        }

        // Of the aborted transaction nothing is left; the committed ones keep the markers of the records that are left.
        Assert.Empty(partition.Log!.FindAborted(0, partition.LogEndOffset));
        Assert.DoesNotContain(3, Offsets(partition));
    }

    [Fact]
    public async Task The_last_sequence_of_a_producer_survives_compaction()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: Compacted);
        await partition.ProduceAsync(new RecordBatchBuilder(Time) { ProducerId = 7, ProducerEpoch = 2, BaseSequence = 40 }.Add([1], [1]).Build());
        await partition.ProduceAsync(new RecordBatchBuilder(Time).Add([1], [2]).Build());
        await FillAsync(partition);
        Clean(broker, partition);

        // Without any snapshot the states come from the log alone.
        SimulatedFileSystem disk = await broker.Kill();
        foreach (string path in disk.ListFiles($"{TestBroker.Directory}/orders-0").Where(path => path.EndsWith(".producers", StringComparison.Ordinal) || path.EndsWith(".snapshot", StringComparison.Ordinal)))
        {
            disk.DeleteFile(path);
        }

        await using TestBroker again = await TestBroker.OpenAsync(disk);
        Assert.Equal((7, (short)2, 40), again.Get().DescribeProducers().Select(producer => (producer.ProducerId, producer.ProducerEpoch, producer.LastSequence)).Single());
    }

    [Fact]
    public async Task A_crash_at_any_step_of_a_compaction_leaves_the_last_values()
    {
        for (int stopAt = 0; ; stopAt++)
        {
            TestBroker broker = await TestBroker.OpenAsync();
            Partition partition = broker.Get(settings: Compacted);
            for (int number = 0; number < 60; number++)
            {
                await partition.ProduceAsync(Keyed($"key-{number % 5}", $"{number}"));
            }

            Dictionary<string, string?> expected = Fold(partition);
            SimulatedFileSystem? killed = null;
            SimulatedFileSystem? lost = null;
            int step = 0;
            broker.Disk.OnSync = _ =>
            {
                if (step++ == stopAt)
                {
                    (killed, lost) = (broker.Disk.Kill(), broker.Disk.PowerLoss(stopAt));
                }
            };
            Clean(broker, partition);
            broker.Disk.OnSync = null;
            await broker.Kill();
            if (killed is null)
            {
                Assert.True(stopAt > 10, $"only {stopAt} steps were seen");
                return;
            }

            foreach (SimulatedFileSystem disk in new[] { killed, lost! })
            {
                await using TestBroker again = await TestBroker.OpenAsync(disk);
                Assert.True(again.Get().Fault is null, $"step {stopAt}: {again.Get().Fault}");
                Assert.Equal(Live(expected), Live(Fold(again.Get())));
                Assert.DoesNotContain(disk.ListFiles($"{TestBroker.Directory}/orders-0"), path => path.EndsWith(SegmentFiles.Cleaned, StringComparison.Ordinal) || path.EndsWith(SegmentFiles.Swap, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task Readers_go_on_while_segments_are_replaced_under_them()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: Compacted);
        using var stop = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                List<(long Offset, string Value)> values = partition.ReadValues(bytesMax: 500);
                Assert.Equal(values.Select(record => record.Offset).Order().Distinct(), values.Select(record => record.Offset));
            }
        }))];
        for (int round = 0; round < 30; round++)
        {
            for (int number = 0; number < 30; number++)
            {
                await partition.ProduceAsync(Keyed($"key-{number % 6}", $"{round}-{number}"));
            }

            Clean(broker, partition);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task What_can_not_be_read_is_left_alone_and_said()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: LogSettings.Default with { SegmentBytes = 1500 });
        byte[] unreadable = [.. new RecordBatchBuilder(Time) { Attributes = (RecordBatchAttributes)CompressionType.Zstd }.Add([1], [2]).Build()];
        await partition.ProduceAsync(unreadable);
        await FillAsync(partition);
        partition.Settings = Compacted;
        List<(long, string)> before = partition.ReadValues(1);
        Clean(broker, partition);
        Assert.Contains("can't be compacted and is left as it is", broker.Log.Text, StringComparison.Ordinal);
        Assert.Equal(before, partition.ReadValues(1));
    }

    internal static void Clean(TestBroker broker, Partition partition, int keysMax = 1000)
    {
        var context = new LogContext(broker.Disk, broker.Time, broker.Log, FlushMode.Fsync);
        var checkpoint = new OffsetCheckpoint(broker.Disk, $"{TestBroker.Directory}/cleaner-offset-checkpoint");
        var cleaner = new LogCleaner(context, checkpoint, keysMax);
        while (cleaner.CleanDirtiest([partition], CancellationToken.None))
        {
            // One round after the other, until nothing is due.
        }
    }

    /// <summary>Enough records of other keys that what came before isn't in the segment that is written.</summary>
    private static async Task FillAsync(Partition partition)
    {
        for (int number = 0; number < 30; number++)
        {
            await partition.ProduceAsync(Keyed($"filler-{number}", "x"));
        }
    }

    private static byte[] KeyedIn(long producerId, int sequence, string key, string value) =>
        new RecordBatchBuilder(Time) { ProducerId = producerId, ProducerEpoch = 0, BaseSequence = sequence, Attributes = RecordBatchAttributes.Transactional }
            .Add(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value)).Build();

    private static SortedDictionary<string, string> Live(Dictionary<string, string?> state) =>
        new(state.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Key, entry => entry.Value!));

    private static List<long> Offsets(Partition partition)
    {
        var offsets = new List<long>();
        Visit(partition, (header, _) => offsets.Add(header.LastOffset));
        return offsets;
    }

    /// <summary>What a committed reader that starts at the beginning has in the end.</summary>
    private static Dictionary<string, string?> Fold(Partition partition)
    {
        var state = new Dictionary<string, string?>();
        HashSet<long> visible = [.. partition.ReadValues(readCommitted: true).Select(record => record.Offset)];
        Visit(partition, (header, batch) =>
        {
            RecordReader reader = RecordReader.OfUncompressed(batch);
            while (!header.IsControl && reader.Read())
            {
                if (visible.Contains(reader.Current.Offset))
                {
                    state[Encoding.UTF8.GetString(reader.Current.Key)] = reader.Current.HasValue ? Encoding.UTF8.GetString(reader.Current.Value) : null;
                }
            }
        });
        return state;
    }

    private delegate void BatchVisitor(RecordBatchHeader header, ReadOnlySpan<byte> batch);

    private static void Visit(Partition partition, BatchVisitor visit)
    {
        long offset = partition.LogStartOffset;
        while (offset < partition.HighWatermark)
        {
            using ReadResult read = partition.Read(offset, 1 << 20, readCommitted: false, minOneBatch: true);
            if (read.NextOffset == offset)
            {
                return;
            }

            for (ReadOnlySpan<byte> left = read.Records.Span; !left.IsEmpty; left = left[(int)new RecordBatchHeader(left).SizeInBytes..])
            {
                var header = new RecordBatchHeader(left);
                visit(header, left[..(int)header.SizeInBytes]);
            }

            offset = read.NextOffset;
        }
    }
}
