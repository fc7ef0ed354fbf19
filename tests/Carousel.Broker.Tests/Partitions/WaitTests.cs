using Carousel.Broker.Partitions;
using Carousel.Testing;
using Carousel.Wire;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Partitions;

public sealed class WaitTests
{
    private static readonly TopicPartition Other = new("payments", 1);

    [Fact]
    public async Task A_fetch_wakes_when_any_of_its_partitions_has_data()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition other = broker.Get(Other);
        using var wait = new DataWait(broker.Time);
        wait.Watch(broker.Get(), 0, readCommitted: false);
        wait.Watch(other, 0, readCommitted: true);
        Task<bool> woken = wait.WaitAsync(TimeSpan.FromHours(1), CancellationToken.None).AsTask();
        Assert.False(woken.IsCompleted);
        await other.ProduceAsync(Plain("a"));
        Assert.True(await woken.WithinAsync("the fetch wakes", TestBroker.Patience));
    }

    [Fact]
    public async Task Watching_finds_what_came_before_it()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        await broker.Get().ProduceAsync(Plain("a"));
        using var wait = new DataWait(broker.Time);
        wait.Watch(broker.Get(), 0, readCommitted: false);
        Assert.True(await wait.WaitAsync(TimeSpan.FromHours(1), CancellationToken.None));
    }

    [Fact]
    public async Task A_committed_fetch_sleeps_through_an_open_transaction_and_wakes_at_its_end()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        using var wait = new DataWait(broker.Time);
        wait.Watch(partition, 0, readCommitted: true);
        Task<bool> woken = wait.WaitAsync(TimeSpan.FromHours(1), CancellationToken.None).AsTask();
        await partition.ProduceAsync(Transactional(1, 0, 0, "a"));
        Assert.False(woken.IsCompleted);
        partition.AppendMarker(1, 0, 0, isCommit: true, transactionVersion: 1);
        Assert.True(await woken.WithinAsync("the fetch wakes", TestBroker.Patience));
    }

    [Fact]
    public async Task A_fetch_that_finds_nothing_in_its_time_says_so()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        using var wait = new DataWait(broker.Time);
        wait.Watch(broker.Get(), 0, readCommitted: false);
        Task<bool> woken = wait.WaitAsync(TimeSpan.FromMilliseconds(500), CancellationToken.None).AsTask();
        broker.Time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(woken.IsCompleted);
        broker.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(await woken.WithinAsync("the time is over", TestBroker.Patience));
    }

    [Fact]
    public async Task Waits_can_be_cancelled()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        using var stop = new CancellationTokenSource();
        using var wait = new DataWait(broker.Time);
        wait.Watch(partition, 0, readCommitted: false);
        Task<bool> fetch = wait.WaitAsync(TimeSpan.FromHours(1), stop.Token).AsTask();
        Task<ErrorCode> durable = partition.WaitUntilDurableAsync(7, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => durable);

        // The place in the line is free again for others.
        Task<ErrorCode> next = partition.WaitUntilDurableAsync(0, CancellationToken.None).AsTask();
        await partition.ProduceAsync(Plain("a"));
        Assert.Equal(ErrorCode.None, await next.WithinAsync("the append is durable", TestBroker.Patience));
    }

    [Fact]
    public async Task Thousands_wait_in_any_order_and_each_wakes_once_its_offset_is_durable()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        const int Count = 5000;
        var random = new Random(3);
        int[] order = [.. Enumerable.Range(0, Count)];
        random.Shuffle(order);
        Task<(int Offset, long HighWatermark)>[] waits = [.. order.Select(offset => WaitAsync(partition, offset))];
        for (int offset = 0; offset < Count; offset += 50)
        {
            partition.Append(Plain([.. Enumerable.Repeat("x", 50)]), AppendOrigin.Client);
        }

        foreach ((int offset, long highWatermark) in await Task.WhenAll(waits).WithinAsync("all are durable", TestBroker.Patience))
        {
            Assert.True(highWatermark > offset, $"{offset} woke at high watermark {highWatermark}");
        }

        static async Task<(int, long)> WaitAsync(Partition partition, int offset)
        {
            Assert.Equal(ErrorCode.None, await partition.WaitUntilDurableAsync(offset, CancellationToken.None));
            return (offset, partition.HighWatermark);
        }
    }

    [Fact]
    public async Task No_wake_up_is_lost_between_many_producers_and_consumers()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        const int Records = 3000;
        Task[] consumers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => ConsumeAsync(partition, broker.Time)))];
        Task[] producers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => ProduceAsync(partition)))];
        await Task.WhenAll(producers).WithinAsync("all is produced", TestBroker.Patience);
        await Task.WhenAll(consumers).WithinAsync("all is consumed", TestBroker.Patience, () => $"high watermark {partition.HighWatermark}");

        static async Task ProduceAsync(Partition partition)
        {
            for (int number = 0; number < Records / 3; number++)
            {
                await partition.ProduceAsync(Plain($"{number}"));
            }
        }

        static async Task ConsumeAsync(Partition partition, TimeProvider time)
        {
            long offset = 0;
            while (offset < Records)
            {
                using var wait = new DataWait(time);
                wait.Watch(partition, offset, readCommitted: false);
                using (ReadResult read = partition.Read(offset, 1 << 20, readCommitted: false, minOneBatch: true))
                {
                    if (read.NextOffset > offset)
                    {
                        offset = read.NextOffset;
                        continue;
                    }
                }

                Assert.True(await wait.WaitAsync(TimeSpan.FromDays(1), CancellationToken.None));
            }
        }
    }
}
