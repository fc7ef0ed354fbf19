using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Wire.Records;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Partitions;

public sealed class OffsetLookupTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Records_are_found_by_time_one_by_one_and_not_by_batch(int seed)
    {
        var random = new Random(seed);
        var times = new List<long>();
        TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: new LogSettings { SegmentBytes = 3000, IndexIntervalBytes = 200 });
        for (int batch = 0; batch < 150; batch++)
        {
            var builder = new RecordBatchBuilder(Time + (batch * 10) + random.Next(-50, 50));
            for (int record = random.Next(1, 6); record > 0; record--)
            {
                times.Add(Time + (batch * 10) + random.Next(-50, 50));
                builder.Add(null, [1], times[^1]);
            }

            await partition.ProduceAsync(builder.Build());
        }

        Check(partition, times, random);
        await broker.DisposeAsync();
        await using TestBroker again = await TestBroker.OpenAsync(broker.Disk);
        Check(again.Get(), times, random);
        again.Get().DeleteRecords(times.Count / 2);
        long late = Time + 100;
        int expected = times.FindIndex(times.Count / 2, time => time >= late);
        Assert.Equal(new TimestampOffset(times[expected], expected), again.Get().FindOffset(late, readCommitted: false));
    }

    [Fact]
    public async Task Special_timestamps_find_start_end_and_the_youngest()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        Assert.Equal((0, 0, -1), Special(partition));
        await partition.ProduceAsync(new RecordBatchBuilder(Time).Add(null, [1], Time + 1).Add(null, [2], Time + 9).Add(null, [3], Time + 9).Build());
        await partition.ProduceAsync(At(Time + 5, "x"));
        partition.DeleteRecords(1);
        Assert.Equal((1, 4, 1), Special(partition));
        Assert.Equal(Time + 9, partition.FindOffset(Partition.MaxTimestamp, readCommitted: false).Timestamp);

        static (long, long, long) Special(Partition partition) => (
            partition.FindOffset(Partition.EarliestTimestamp, readCommitted: false).Offset,
            partition.FindOffset(Partition.LatestTimestamp, readCommitted: false).Offset,
            partition.FindOffset(Partition.MaxTimestamp, readCommitted: false).Offset);
    }

    [Fact]
    public async Task What_a_reader_may_not_see_is_not_found()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Transactional(1, 0, 0, "undecided"));
        Assert.Equal(TimestampOffset.None, partition.FindOffset(Time, readCommitted: true));
        Assert.Equal(new TimestampOffset(Time, 0), partition.FindOffset(Time, readCommitted: false));
    }

    [Fact]
    public async Task The_only_leader_epoch_ends_where_the_log_ends()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Plain("a", "b"));
        Assert.Equal(new EpochEndOffset(0, 2), partition.EndOffsetOf(0));
        Assert.Equal(new EpochEndOffset(-1, -1), partition.EndOffsetOf(1));
        Assert.Equal(new EpochEndOffset(-1, -1), partition.EndOffsetOf(-1));
    }

    private static void Check(Partition partition, List<long> times, Random random)
    {
        for (int round = 0; round < 300; round++)
        {
            long time = Time + random.Next(-60, 1600);
            int expected = times.FindIndex(record => record >= time);
            TimestampOffset found = partition.FindOffset(time, readCommitted: false);
            Assert.Equal(expected < 0 ? TimestampOffset.None : new TimestampOffset(times[expected], expected), found);
        }

        long youngest = times.Max();
        Assert.Equal(new TimestampOffset(youngest, times.IndexOf(youngest)), partition.FindOffset(Partition.MaxTimestamp, readCommitted: false));
    }
}
