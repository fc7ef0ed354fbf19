using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Log;
using Carousel.Wire;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Partitions;

public sealed class TransactionTests
{
    [Fact]
    public async Task An_open_transaction_holds_back_readers_until_its_marker_is_durable()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Plain("0"));
        await partition.ProduceAsync(Transactional(1, 0, 0, "1"));
        await partition.ProduceAsync(Plain("2"));
        Assert.Equal((1, 3), (partition.LastStableOffset, partition.HighWatermark));
        Assert.Equal([(0, "0")], partition.ReadValues(readCommitted: true));
        Assert.Equal(3, partition.ReadValues().Count);
        Assert.Equal(1, partition.FindOffset(Partition.LatestTimestamp, readCommitted: true).Offset);
        Assert.Equal(3, partition.FindOffset(Partition.LatestTimestamp, readCommitted: false).Offset);

        AppendResult marker = partition.AppendMarker(1, 0, 0, isCommit: true, transactionVersion: 1);
        await partition.DurableAsync(marker.LastOffset);
        Assert.Equal((4, 4), (partition.LastStableOffset, partition.HighWatermark));
        Assert.Equal([(0, "0"), (1, "1"), (2, "2")], partition.ReadValues(readCommitted: true));
    }

    [Fact]
    public async Task Aborted_records_are_named_to_committed_readers()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Transactional(1, 0, 0, "aborted"));
        await partition.ProduceAsync(Transactional(2, 0, 0, "committed"));
        await End(partition, 1, isCommit: false);
        await partition.ProduceAsync(Transactional(1, 0, 1, "committed too"));
        await End(partition, 2, isCommit: true);
        await End(partition, 1, isCommit: true);
        Assert.Equal([(1, "committed"), (3, "committed too")], partition.ReadValues(readCommitted: true));
        using ReadResult read = partition.Read(0, 1 << 20, readCommitted: true, minOneBatch: true);
        Assert.Equal([new AbortedTransaction(1, 0, 2, 1)], read.AbortedTransactions);
        using ReadResult later = partition.Read(3, 1 << 20, readCommitted: true, minOneBatch: true);
        Assert.Empty(later.AbortedTransactions);
        using ReadResult uncommitted = partition.Read(0, 1 << 20, readCommitted: false, minOneBatch: true);
        Assert.Empty(uncommitted.AbortedTransactions);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Random_transactions_show_what_was_committed_and_nothing_else_whatever_happens(int seed)
    {
        var random = new Random(seed);
        var open = new Dictionary<long, List<string>>();
        var sequences = new Dictionary<long, int>();
        var decided = new Dictionary<string, bool>();
        var all = new List<string>();
        TestBroker broker = await TestBroker.OpenAsync();
        for (int step = 0; step < 400; step++)
        {
            Partition partition = broker.Get(settings: new LogSettings { SegmentBytes = 2000, IndexIntervalBytes = 300 });
            long producer = random.Next(4);
            string value = $"{step}";
            AppendResult result;
            if (producer == 3)
            {
                result = await partition.ProduceAsync(Plain(value));
                decided[value] = true;
                all.Add(value);
            }
            else if (open.TryGetValue(producer, out List<string>? values) && random.Next(3) == 0)
            {
                bool isCommit = random.Next(2) == 0;
                result = partition.AppendMarker(producer, 0, 0, isCommit, transactionVersion: 1);
                open.Remove(producer);
                foreach (string ended in values)
                {
                    decided[ended] = isCommit;
                }
            }
            else
            {
                int sequence = sequences.GetValueOrDefault(producer);
                sequences[producer] = sequence + 1;
                result = partition.Append(Transactional(producer, 0, sequence, value), AppendOrigin.Client);
                open.TryAdd(producer, []);
                open[producer].Add(value);
                all.Add(value);
            }

            Assert.True(result.IsSuccess, $"seed {seed}, step {step}: {result}");
            if (random.Next(60) == 0)
            {
                await partition.DurableAsync(result.LastOffset);
                SimulatedFileSystem disk = random.Next(2) == 0 ? await broker.Kill() : await broker.PowerLoss(random.Next());
                broker = await TestBroker.OpenAsync(disk);
            }

            if (random.Next(20) == 0)
            {
                await broker.Get().DurableAsync(result.LastOffset);
                Check(broker.Get(), random);
            }
        }

        await broker.DisposeAsync();

        void Check(Partition partition, Random random)
        {
            string? firstOpen = all.FirstOrDefault(value => !decided.ContainsKey(value));
            IEnumerable<string> visible = all.TakeWhile(value => value != firstOpen).Where(value => decided[value]);
            Assert.Equal(visible, partition.ReadValues(readCommitted: true, bytesMax: random.Next(1, 3000)).Select(record => record.Value));
            Assert.Equal(all, partition.ReadValues(bytesMax: random.Next(1, 3000)).Select(record => record.Value));
        }
    }

    [Fact]
    public async Task The_coordinator_is_asked_for_the_first_batch_of_a_transaction_only()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        var coordinator = new Coordinator();
        Assert.True(partition.Append(Transactional(1, 0, 0, "a"), AppendOrigin.Client, coordinator).IsSuccess);
        Assert.True(partition.Append(Transactional(1, 0, 1, "b"), AppendOrigin.Client, coordinator).IsSuccess);
        Assert.Equal([(1, (short)0, TestBroker.Orders)], coordinator.Asked);
        await End(partition, 1, isCommit: true);
        Assert.True(partition.Append(Transactional(1, 0, 2, "c"), AppendOrigin.Client, coordinator).IsSuccess);
        Assert.Equal(2, coordinator.Asked.Count);
        Assert.True(partition.Append(Transactional(1, 0, 2, "c"), AppendOrigin.Client, coordinator).IsDuplicate);
        Assert.True(partition.Append(Idempotent(9, 0, 0, "no transaction"), AppendOrigin.Client, coordinator).IsSuccess);
        Assert.Equal(2, coordinator.Asked.Count);
    }

    [Fact]
    public async Task What_the_coordinator_refuses_is_not_appended_and_its_successors_wait_for_it()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        var coordinator = new Coordinator { Answer = ErrorCode.ConcurrentTransactions };
        Assert.Equal(ErrorCode.ConcurrentTransactions, partition.Append(Transactional(1, 0, 0, "a"), AppendOrigin.Client, coordinator).Error);
        coordinator.Answer = ErrorCode.None;

        // The second batch of the client's five in flight must not be taken for the first.
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, partition.Append(Transactional(1, 0, 1, "b"), AppendOrigin.Client, coordinator).Error);
        Assert.True(partition.Append(Transactional(1, 0, 0, "a"), AppendOrigin.Client, coordinator).IsSuccess);
        Assert.True(partition.Append(Transactional(1, 0, 1, "b"), AppendOrigin.Client, coordinator).IsSuccess);
    }

    [Fact]
    public async Task An_answer_from_before_the_marker_opens_no_transaction_after_it()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Transactional(1, 0, 0, "a"));
        await End(partition, 1, isCommit: true);
        var coordinator = new Coordinator { OnAsked = () => partition.AppendMarker(1, 0, 0, isCommit: false, transactionVersion: 1) };
        Assert.Equal(ErrorCode.InvalidTxnState, partition.Append(Transactional(1, 0, 1, "late"), AppendOrigin.Client, coordinator).Error);
        Assert.DoesNotContain(partition.DescribeProducers(), producer => producer.CurrentTransactionStartOffset >= 0);
    }

    [Fact]
    public async Task An_old_epoch_is_fenced_before_anybody_is_asked()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Transactional(1, 5, 0, "a"));
        await End(partition, 1, isCommit: true, epoch: 5);
        var coordinator = new Coordinator { Answer = ErrorCode.InvalidTxnState };
        Assert.Equal(ErrorCode.InvalidProducerEpoch, partition.Append(Transactional(1, 4, 0, "b"), AppendOrigin.Client, coordinator).Error);
        Assert.Empty(coordinator.Asked);
    }

    [Fact]
    public async Task A_later_epoch_is_asked_about_again_and_goes_on_in_the_open_transaction()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        var coordinator = new Coordinator();
        await partition.ProduceAsync(Transactional(1, 5, 0, "a"));
        Assert.True(partition.Append(Transactional(1, 6, 0, "b"), AppendOrigin.Client, coordinator).IsSuccess);
        Assert.True(partition.Append(Transactional(1, 6, 1, "c"), AppendOrigin.Client, coordinator).IsSuccess);
        Assert.Equal([(1, (short)6, TestBroker.Orders)], coordinator.Asked);
        Assert.Equal(0, partition.DescribeProducers().Single().CurrentTransactionStartOffset);
    }

    [Fact]
    public async Task A_batch_outside_the_producers_own_open_transaction_is_refused()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Transactional(1, 0, 0, "a"));
        Assert.Equal(ErrorCode.InvalidTxnState, partition.Append(Idempotent(1, 0, 1, "b"), AppendOrigin.Client).Error);
    }

    [Fact]
    public async Task A_coordinators_batch_needs_no_sequence_but_the_right_epoch()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        Assert.True(partition.Append(Transactional(1, 3, -1, "offsets"), AppendOrigin.Coordinator).IsSuccess);
        Assert.True(partition.Append(Transactional(1, 3, -1, "offsets"), AppendOrigin.Coordinator) is { IsSuccess: true, IsDuplicate: false });
        Assert.Equal(ErrorCode.InvalidProducerEpoch, partition.Append(Transactional(1, 2, -1, "offsets"), AppendOrigin.Coordinator).Error);
        Assert.Equal(0, partition.LastStableOffset);
        await End(partition, 1, isCommit: true, epoch: 3);
        Assert.Equal(3, partition.LastStableOffset);
    }

    [Theory]
    [InlineData(1, 4, 0, ErrorCode.InvalidProducerEpoch)]
    [InlineData(1, 5, 0, ErrorCode.None)]
    [InlineData(1, 6, 0, ErrorCode.None)]
    [InlineData(2, 5, 0, ErrorCode.InvalidProducerEpoch)]
    [InlineData(2, 6, 0, ErrorCode.None)]
    public async Task A_marker_of_an_epoch_that_is_over_is_refused(short version, short epoch, int coordinatorEpoch, ErrorCode error)
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Transactional(1, 5, 0, "a"));
        Assert.Equal(error, partition.AppendMarker(1, epoch, coordinatorEpoch, isCommit: true, version).Error);
    }

    [Fact]
    public async Task A_marker_of_a_former_coordinator_is_refused_and_one_that_comes_again_does_no_harm()
    {
        await using TestBroker broker = await TestBroker.OpenAsync();
        Partition partition = broker.Get();
        await partition.ProduceAsync(Transactional(1, 5, 0, "a"));
        Assert.Equal(ErrorCode.None, partition.AppendMarker(1, 6, 3, isCommit: true, transactionVersion: 2).Error);
        Assert.Equal(ErrorCode.None, partition.AppendMarker(1, 6, 3, isCommit: true, transactionVersion: 2).Error);
        Assert.Equal(ErrorCode.TransactionCoordinatorFenced, partition.AppendMarker(1, 6, 2, isCommit: true, transactionVersion: 2).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, partition.Append(Transactional(1, 5, 1, "b"), AppendOrigin.Client).Error);
    }

    private static async Task End(Partition partition, long producer, bool isCommit, short epoch = 0)
    {
        AppendResult marker = partition.AppendMarker(producer, epoch, 0, isCommit, transactionVersion: 1);
        Assert.True(marker.IsSuccess, marker.Reason);
        await partition.DurableAsync(marker.LastOffset);
    }

    private sealed class Coordinator : ITransactionVerifier
    {
        public ErrorCode Answer { get; set; }

        public Action? OnAsked { get; init; }

        public List<(long ProducerId, short Epoch, TopicPartition Partition)> Asked { get; } = [];

        public ErrorCode Verify(long producerId, short producerEpoch, TopicPartition partition)
        {
            Asked.Add((producerId, producerEpoch, partition));
            OnAsked?.Invoke();
            return Answer;
        }
    }
}
