using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Wire;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Partitions;

public sealed class ProducerTests
{
    private const long Producer = 4242;

    [Fact]
    public async Task A_batch_that_comes_again_is_answered_as_the_first_time_for_the_last_five()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        for (int number = 0; number < 6; number++)
        {
            await partition.ProduceAsync(Idempotent(Producer, 0, 2 * number, "a", "b"));
        }

        for (int number = 1; number < 6; number++)
        {
            AppendResult again = partition.Append(Idempotent(Producer, 0, 2 * number, "a", "b"), AppendOrigin.Client);
            Assert.Equal((ErrorCode.None, 2L * number, (2L * number) + 1, true), (again.Error, again.BaseOffset, again.LastOffset, again.IsDuplicate));
        }

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, partition.Append(Idempotent(Producer, 0, 0, "a", "b"), AppendOrigin.Client).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, partition.Append(Idempotent(Producer, 0, 10, "a"), AppendOrigin.Client).Error);
        Assert.Equal(12, partition.LogEndOffset);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_five_are_known_after_a_restart(bool isClean)
    {
        TestBroker broker = await TestBroker.OpenAsync();
        for (int number = 0; number < 5; number++)
        {
            await broker.Get().ProduceAsync(Idempotent(Producer, 3, number, $"{number}"));
        }

        if (isClean)
        {
            await broker.DisposeAsync();
        }

        await using TestBroker again = await TestBroker.OpenAsync(isClean ? broker.Disk : await broker.Kill());
        for (int number = 0; number < 5; number++)
        {
            AppendResult result = again.Get().Append(Idempotent(Producer, 3, number, $"{number}"), AppendOrigin.Client);
            Assert.Equal((number, true), (result.BaseOffset, result.IsDuplicate));
        }

        Assert.Equal(ErrorCode.InvalidProducerEpoch, again.Get().Append(Idempotent(Producer, 2, 5, "x"), AppendOrigin.Client).Error);
        Assert.Equal(5, (await again.Get().ProduceAsync(Idempotent(Producer, 3, 5, "x"))).BaseOffset);
    }

    [Fact]
    public async Task A_new_epoch_begins_with_zero_and_fences_the_old_one()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Idempotent(Producer, 0, 0, "a"));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, partition.Append(Idempotent(Producer, 1, 1, "b"), AppendOrigin.Client).Error);
        await partition.ProduceAsync(Idempotent(Producer, 1, 0, "b"));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, partition.Append(Idempotent(Producer, 0, 1, "c"), AppendOrigin.Client).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, partition.Append(Idempotent(Producer, 0, 0, "a"), AppendOrigin.Client).Error);
    }

    [Fact]
    public async Task A_producer_nobody_knows_may_begin_anywhere_unless_it_must_begin_with_zero()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, partition.Append(Idempotent(1, 0, 7, "a"), AppendOrigin.Client, mustStartAtZero: true).Error);
        Assert.True(partition.Append(Idempotent(1, 0, 7, "a"), AppendOrigin.Client).IsSuccess);
        Assert.True(partition.Append(Idempotent(2, 0, 0, "a"), AppendOrigin.Client, mustStartAtZero: true).IsSuccess);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, partition.Append(Idempotent(1, 0, 9, "a"), AppendOrigin.Client).Error);
    }

    [Fact]
    public async Task Sequences_go_on_at_zero_after_the_largest()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Idempotent(Producer, 0, int.MaxValue - 1, "a", "b", "c"));
        Assert.True(partition.Append(Idempotent(Producer, 0, int.MaxValue - 1, "a", "b", "c"), AppendOrigin.Client).IsDuplicate);
        Assert.True(partition.Append(Idempotent(Producer, 0, 1, "d"), AppendOrigin.Client) is { IsSuccess: true, IsDuplicate: false });
    }

    [Fact]
    public async Task A_refused_batch_takes_no_sequence_so_its_successors_are_refused_too()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Idempotent(Producer, 0, 0, "a"));
        broker.Disk.FreeBytes = 0;
        string large = new('x', 200_000);
        Assert.Equal(ErrorCode.KafkaStorageError, partition.Append(Idempotent(Producer, 0, 1, large), AppendOrigin.Client).Error);
        broker.Disk.FreeBytes = long.MaxValue;
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, partition.Append(Idempotent(Producer, 0, 2, "c"), AppendOrigin.Client).Error);
        Assert.Equal(1, (await partition.ProduceAsync(Idempotent(Producer, 0, 1, large))).BaseOffset);
        Assert.Equal(2, (await partition.ProduceAsync(Idempotent(Producer, 0, 2, "c"))).BaseOffset);
    }

    [Fact]
    public async Task A_producer_that_was_idle_too_long_is_forgotten_unless_its_transaction_is_open()
    {
        await using TestBroker broker = await TestBroker.OpenAsync(configure: options => options.ProducerExpiry = TimeSpan.FromHours(1));
        Partition partition = broker.Get();
        await partition.ProduceAsync(Idempotent(1, 0, 0, "a"));
        await partition.ProduceAsync(Transactional(2, 0, 0, "a"));
        var retention = new Retention(new LogContext(broker.Disk, broker.Time, broker.Log, FlushMode.Fsync), TimeSpan.FromHours(1));
        broker.Time.Advance(TimeSpan.FromMinutes(59));
        retention.Apply(partition);
        Assert.Equal([1, 2], partition.DescribeProducers().Select(producer => producer.ProducerId).Order());
        broker.Time.Advance(TimeSpan.FromMinutes(1));
        retention.Apply(partition);
        Assert.Equal([2], partition.DescribeProducers().Select(producer => producer.ProducerId));
    }

    [Fact]
    public async Task Producers_are_described()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Plain("before"));
        await partition.ProduceAsync(Transactional(Producer, 5, 0, "a", "b"));
        Assert.Equal([new ProducerDescription(Producer, 5, -1, 1, Time, 1)], partition.DescribeProducers());
        partition.AppendMarker(Producer, 5, coordinatorEpoch: 9, isCommit: true, transactionVersion: 1);
        Assert.Equal([new ProducerDescription(Producer, 5, 9, 1, Time, -1)], partition.DescribeProducers());
    }

    /// <summary>
    /// The table of sequence rules, written down a second time as plainly as can be, and random batches of three producers put to both. The log is closed,
    /// killed and rolled in between.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Random_batches_are_answered_as_the_table_says(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<long, ModelProducer>();
        TestBroker broker = await TestBroker.OpenAsync();
        long endOffset = 0;
        for (int step = 0; step < 3000; step++)
        {
            Partition partition = broker.Get(settings: new LogSettings { SegmentBytes = 4000 });
            long id = random.Next(3);
            model.TryGetValue(id, out ModelProducer? known);
            int epoch = Math.Max(0, (known?.Epoch ?? 0) + (random.Next(12) switch { 0 => 1, 1 => -1, _ => 0 }));
            int due = known is null || known.Batches.Count == 0 ? 0 : known.Batches[^1].Last + 1;
            int sequence = Math.Max(0, random.Next(4) switch { 0 => due + random.Next(-8, 9), 1 => 0, _ => due });
            string[] values = [.. Enumerable.Range(0, random.Next(1, 4)).Select(number => $"{step}-{number}")];

            (ErrorCode error, long offset) = Expected(known, epoch, sequence, values.Length, endOffset);
            AppendResult result = partition.Append(Idempotent(id, (short)epoch, sequence, values), AppendOrigin.Client);
            Assert.True(result.Error == error && result.BaseOffset == offset, $"seed {seed}, step {step}: {result}, expected {error} at {offset}");
            if (result is { IsSuccess: true, IsDuplicate: false })
            {
                if (known is null || known.Epoch != epoch)
                {
                    model[id] = known = new ModelProducer(epoch, []);
                }

                known.Batches.Add((sequence, sequence + values.Length - 1, offset));
                endOffset += values.Length;
            }

            if (random.Next(400) == 0)
            {
                await partition.DurableAsync(endOffset - 1);
                broker = await Restart(broker, isClean: random.Next(2) == 0);
            }
        }

        await broker.DisposeAsync();
    }

    private static async Task<TestBroker> Restart(TestBroker broker, bool isClean)
    {
        if (!isClean)
        {
            return await TestBroker.OpenAsync(await broker.Kill());
        }

        await broker.DisposeAsync();
        return await TestBroker.OpenAsync(broker.Disk);
    }

    private static (ErrorCode Error, long Offset) Expected(ModelProducer? known, int epoch, int sequence, int count, long endOffset)
    {
        if (known is null)
        {
            return (ErrorCode.None, endOffset);
        }

        foreach ((int first, int last, long offset) in known.Batches.TakeLast(5))
        {
            if (epoch == known.Epoch && first == sequence && last == sequence + count - 1)
            {
                return (ErrorCode.None, offset);
            }
        }

        bool isNext = epoch == known.Epoch ? sequence == known.Batches[^1].Last + 1 : sequence == 0;
        return epoch < known.Epoch ? (ErrorCode.InvalidProducerEpoch, -1) : isNext ? (ErrorCode.None, endOffset) : (ErrorCode.OutOfOrderSequenceNumber, -1);
    }

    private sealed record ModelProducer(int Epoch, List<(int First, int Last, long Offset)> Batches);
}
