using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Testing;
using Carousel.Wire;
using Carousel.Wire.Records;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Partitions;

public sealed class PartitionTests
{
    [Fact]
    public async Task What_was_appended_is_read_once_it_is_durable()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        AppendResult first = await partition.ProduceAsync(Plain("a", "b"));
        AppendResult second = await partition.ProduceAsync(Plain("c"));
        Assert.Equal((0, 1, 0), (first.BaseOffset, first.LastOffset, first.LogStartOffset));
        Assert.Equal((2, 2, -1), (second.BaseOffset, second.LastOffset, second.LogAppendTime));
        Assert.Equal([(0, "a"), (1, "b"), (2, "c")], partition.ReadValues());
        Assert.Equal((3, 3, 3, 0), (partition.HighWatermark, partition.LastStableOffset, partition.LogEndOffset, partition.LogStartOffset));
    }

    [Fact]
    public async Task Nothing_is_visible_before_it_is_flushed()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        using var flushing = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        broker.Disk.OnSync = path =>
        {
            if (path.EndsWith(".log", StringComparison.Ordinal))
            {
                flushing.Set();
                goOn.Wait(TestBroker.Patience);
            }
        };
        AppendResult result = partition.Append(Plain("a"), AppendOrigin.Client);
        Task<ErrorCode> durable = partition.WaitUntilDurableAsync(result.LastOffset, CancellationToken.None).AsTask();
        Assert.True(flushing.Wait(TestBroker.Patience), "the flush begins by itself");
        Assert.False(durable.IsCompleted);
        Assert.Equal((0, 1), (partition.HighWatermark, partition.LogEndOffset));
        using (ReadResult read = partition.Read(0, 1000, readCommitted: false, minOneBatch: true))
        {
            Assert.Equal((ErrorCode.None, 0), (read.Error, read.Records.Length));
        }

        goOn.Set();
        broker.Disk.OnSync = null;
        Assert.Equal(ErrorCode.None, await durable.WithinAsync("the append is durable", TestBroker.Patience));
        Assert.Equal([(0, "a")], partition.ReadValues());
    }

    [Fact]
    public async Task What_arrives_during_a_flush_shares_the_next_one()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Plain("first"));
        int flushes = 0;
        using var flushing = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        broker.Disk.OnSync = path =>
        {
            if (path.EndsWith(".log", StringComparison.Ordinal) && Interlocked.Increment(ref flushes) == 1)
            {
                flushing.Set();
                goOn.Wait(TestBroker.Patience);
            }
        };
        partition.Append(Plain("x"), AppendOrigin.Client);
        Assert.True(flushing.Wait(TestBroker.Patience), "the flush begins by itself");
        AppendResult[] results = [.. Enumerable.Range(0, 500).Select(number => partition.Append(Plain($"{number}"), AppendOrigin.Client))];
        Task[] waits = [.. results.Select(result => partition.DurableAsync(result.LastOffset))];
        goOn.Set();
        await Task.WhenAll(waits).WithinAsync("all 500 are durable", TestBroker.Patience);
        Assert.Equal(2, flushes);
        broker.Disk.OnSync = null;
    }

    [Fact]
    public async Task A_read_returns_whole_batches_and_at_least_one_if_asked()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        byte[][] batches = [.. Enumerable.Range(0, 200).Select(number => Plain($"{number}", new string('x', number)))];
        foreach (byte[] batch in batches)
        {
            await partition.ProduceAsync(batch);
        }

        for (int offset = 0; offset < 400; offset += 7)
        {
            int batchSize = batches[offset / 2].Length;
            Check(partition, offset, batchSize, minOneBatch: false, expected: 1);
            Check(partition, offset, batchSize - 1, minOneBatch: false, expected: 0);
            Check(partition, offset, 1, minOneBatch: true, expected: 1);
            Check(partition, offset, batches.Skip(offset / 2).Take(5).Sum(batch => batch.Length) + 3, minOneBatch: false, expected: Math.Min(5, 200 - (offset / 2)));
        }

        static void Check(Partition partition, long offset, int bytesMax, bool minOneBatch, int expected)
        {
            using ReadResult read = partition.Read(offset, bytesMax, readCommitted: false, minOneBatch);
            int count = 0;
            for (ReadOnlySpan<byte> left = read.Records.Span; !left.IsEmpty; left = left[(int)new RecordBatchHeader(left).SizeInBytes..])
            {
                Assert.Equal((offset / 2 * 2) + (2 * count), new RecordBatchHeader(left).BaseOffset);
                count++;
            }

            Assert.Equal(expected, count);
            Assert.Equal(count == 0 ? offset : (offset / 2 * 2) + (2 * count), read.NextOffset);
        }
    }

    [Theory]
    [InlineData(-1, ErrorCode.OffsetOutOfRange)]
    [InlineData(2, ErrorCode.OffsetOutOfRange)]
    [InlineData(3, ErrorCode.None)]
    [InlineData(6, ErrorCode.None)]
    [InlineData(7, ErrorCode.OffsetOutOfRange)]
    public async Task Offsets_outside_the_log_are_refused(long offset, ErrorCode error)
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Plain("0", "1", "2", "3", "4", "5"));
        Assert.Equal(ErrorCode.None, partition.DeleteRecords(3));
        using ReadResult read = partition.Read(offset, 1000, readCommitted: false, minOneBatch: true);
        Assert.Equal(error, read.Error);
    }

    [Fact]
    public async Task Records_are_deleted_up_to_an_offset_and_stay_so()
    {
        TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Plain("0", "1", "2"));
        Assert.Equal(ErrorCode.OffsetOutOfRange, partition.DeleteRecords(4));
        Assert.Equal(ErrorCode.None, partition.DeleteRecords(2));
        Assert.Equal(ErrorCode.None, partition.DeleteRecords(1));
        Assert.Equal(2, partition.LogStartOffset);
        await broker.Set.CheckpointAsync(CancellationToken.None);
        await using TestBroker again = await TestBroker.OpenAsync(await broker.Kill());
        Assert.Equal(2, again.Get().LogStartOffset);
        Assert.Equal([(2, "2")], again.Get().ReadValues(2));
        Assert.Equal(ErrorCode.None, again.Get().DeleteRecords(-1));
        Assert.Equal(3, again.Get().LogStartOffset);
    }

    [Fact]
    public async Task The_broker_stamps_its_time_where_the_topic_says_so()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: new LogSettings { IsLogAppendTime = true });
        AppendResult result = await partition.ProduceAsync(At(5, "old"));
        Assert.Equal(Time, result.LogAppendTime);
        using ReadResult read = partition.Read(0, 1000, readCommitted: false, minOneBatch: true);
        Assert.True(RecordBatch.HasValidChecksum(read.Records.Span));
        Assert.Equal(Time, new RecordBatchHeader(read.Records.Span).MaxTimestamp);
    }

    [Fact]
    public async Task Times_too_far_from_the_brokers_are_refused()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: new LogSettings { TimestampAfterMax = TimeSpan.FromHours(1), TimestampBeforeMax = TimeSpan.FromHours(2) });
        Assert.Equal(ErrorCode.InvalidTimestamp, partition.Append(At(Time + 3_600_001, "x"), AppendOrigin.Client).Error);
        Assert.Equal(ErrorCode.InvalidTimestamp, partition.Append(At(Time - 7_200_001, "x"), AppendOrigin.Client).Error);
        await partition.ProduceAsync(At(Time + 3_600_000, "x"));
        await partition.ProduceAsync(At(Time - 7_200_000, "x"));
    }

    [Fact]
    public async Task A_compacted_topic_takes_no_record_without_a_key()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: new LogSettings { CleanupPolicy = CleanupPolicies.Compact });
        Assert.Equal(ErrorCode.InvalidRecord, partition.Append(Plain("x"), AppendOrigin.Client).Error);
        await partition.ProduceAsync(Keyed("k", "v"));
    }

    [Fact]
    public async Task A_batch_larger_than_the_topic_takes_is_refused()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: new LogSettings { MaxMessageBytes = 100 });
        Assert.Equal(ErrorCode.MessageTooLarge, partition.Append(Plain(new string('x', 100)), AppendOrigin.Client).Error);
        Assert.Equal(0, partition.LogEndOffset);
    }

    [Fact]
    public async Task In_os_mode_the_high_watermark_follows_the_write()
    {
        await using TestBroker broker = await TestBroker.OpenAsync(configure: options => options.FlushMode = FlushMode.OperatingSystem);
        Partition partition = broker.Get();
        int flushes = 0;
        broker.Disk.OnSync = path => flushes += path.EndsWith(".log", StringComparison.Ordinal) ? 1 : 0;
        AppendResult result = partition.Append(Plain("a"), AppendOrigin.Client);
        Assert.True(partition.WaitUntilDurableAsync(result.LastOffset, CancellationToken.None).AsTask().IsCompletedSuccessfully);
        Assert.Equal([(0, "a")], partition.ReadValues());
        Assert.Equal(0, flushes);
    }

    [Fact]
    public async Task A_deleted_partition_answers_those_who_wait_and_its_files_go()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Plain("a"));
        Task<ErrorCode> never = partition.WaitUntilDurableAsync(1, CancellationToken.None).AsTask();
        using var wait = new DataWait(broker.Time);
        wait.Watch(partition, 1, readCommitted: false);
        Assert.True(broker.Set.Delete(TestBroker.Orders));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await never.WithinAsync("the append is answered", TestBroker.Patience));
        Assert.True(await wait.WaitAsync(TestBroker.Patience, CancellationToken.None).AsTask().WithinAsync("the fetch wakes", TestBroker.Patience));
        using ReadResult read = partition.Read(0, 1000, readCommitted: false, minOneBatch: true);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, read.Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, partition.Append(Plain("b"), AppendOrigin.Client).Error);
        Assert.False(broker.Set.Delete(TestBroker.Orders));
        await Eventually.TrueAsync("the folder is gone", () => broker.Disk.ListDirectories(TestBroker.Directory).Count, count => count == 0, TestBroker.Patience);
        Assert.Equal(0, broker.Get().LogEndOffset);
    }

    [Fact]
    public async Task A_partition_deleted_under_its_flush_takes_nobody_along()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get(settings: new LogSettings { SegmentBytes = 300 });
        Partition other = broker.Get(new("payments", 0));
        using var flushing = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        broker.Disk.OnSync = path =>
        {
            if (path.Contains("orders-0", StringComparison.Ordinal) && !flushing.IsSet)
            {
                flushing.Set();
                goOn.Wait(TestBroker.Patience);
            }
        };
        for (int number = 0; number < 20; number++)
        {
            partition.Append(Plain($"{number}"), AppendOrigin.Client);
        }

        Assert.True(flushing.Wait(TestBroker.Patience), "the flush begins by itself");
        broker.Disk.OnSync = null;
        Assert.True(broker.Set.Delete(partition.Name));
        goOn.Set();
        await other.ProduceAsync(Plain("goes on"));
        Assert.False(broker.Running.IsCompleted, "the broker goes on");
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await partition.WaitUntilDurableAsync(19, CancellationToken.None));
    }
}
