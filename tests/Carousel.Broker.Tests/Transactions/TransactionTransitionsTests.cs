using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Transactions;

public sealed class TransactionTransitionsTests
{
    private const long Now = 5_000;
    private const long NewProducerId = 99;
    private static readonly TopicPartition Orders = new("orders", 0);
    private static readonly TopicPartition Validated = new("orders-validated", 3);

    private static readonly TransactionMetadata Empty = TransactionMetadata.New(7, 60_000, 1_000) with { ProducerEpoch = 4, PreviousProducerId = 7 };

    private static readonly TransactionMetadata Ongoing =
        Empty with { State = TransactionState.Ongoing, Partitions = [Orders], StartTimestamp = 2_000 };

    /// <summary>The present producer is 7 at epoch 4; -1 stands for a producer that doesn't name itself.</summary>
    [Theory]
    [InlineData(-1, -1, -1, ErrorCode.None, 5, -1)]
    [InlineData(7, 4, -1, ErrorCode.None, 5, 4)]
    [InlineData(7, 3, 3, ErrorCode.None, 4, 3)]
    [InlineData(7, 3, -1, ErrorCode.ProducerFenced, 0, 0)]
    [InlineData(7, 5, 3, ErrorCode.ProducerFenced, 0, 0)]
    [InlineData(8, 4, 3, ErrorCode.ProducerFenced, 0, 0)]
    public void A_producer_is_given_the_next_epoch_unless_another_has_it(
        long producerId, short epoch, short lastEpoch, ErrorCode error, short nextEpoch, short nextLastEpoch)
    {
        foreach (TransactionState state in new[] { TransactionState.Empty, TransactionState.CompleteCommit, TransactionState.CompleteAbort })
        {
            Transition transition = TransactionTransitions.Initialize(
                Empty with { State = state, LastProducerEpoch = lastEpoch, StartTimestamp = 2_000 }, Producer(producerId, epoch), 10_000, NewProducerId, Now);
            Assert.Equal(error, transition.Error);
            TransactionMetadata? expected = error != ErrorCode.None ? null : Empty with
            {
                ProducerEpoch = nextEpoch,
                LastProducerEpoch = nextLastEpoch,
                TimeoutMs = 10_000,
                StartTimestamp = -1,
                LastUpdateTimestamp = Now,
            };
            Assert.Equal(expected, transition.Next);
        }
    }

    [Fact]
    public void The_first_producer_of_an_id_gets_epoch_0_whatever_it_says_it_was()
    {
        var created = TransactionMetadata.New(7, 60_000, Now);
        foreach (ProducerIdAndEpoch? expected in new ProducerIdAndEpoch?[] { null, new(3, 12) })
        {
            TransactionMetadata next = TransactionTransitions.Initialize(created, expected, 60_000, NewProducerId, Now).Next!;
            Assert.Equal(new ProducerIdAndEpoch(7, 0), next.Producer);
        }
    }

    /// <summary>Epoch 32766 is the last that a client is given; 32767 only fences.</summary>
    [Theory]
    [InlineData(32765, -1, -1, 7, 32766)]
    [InlineData(32766, -1, -1, NewProducerId, 0)]
    [InlineData(32767, -1, -1, NewProducerId, 0)]
    [InlineData(32766, 7, 32766, NewProducerId, 0)]
    public void A_producer_id_without_epochs_gives_way_to_a_new_one(short epoch, long expectedId, short expectedEpoch, long nextId, short nextEpoch)
    {
        TransactionMetadata current = Empty with { ProducerEpoch = epoch };
        TransactionMetadata next = TransactionTransitions.Initialize(current, Producer(expectedId, expectedEpoch), 60_000, NewProducerId, Now).Next!;
        Assert.Equal((new ProducerIdAndEpoch(nextId, nextEpoch), 7), (next.Producer, next.PreviousProducerId));
    }

    [Fact]
    public void The_request_that_used_up_the_epochs_may_be_repeated()
    {
        TransactionMetadata rotated = TransactionTransitions.Initialize(
            Empty with { ProducerEpoch = 32766 }, new ProducerIdAndEpoch(7, 32766), 60_000, NewProducerId, Now).Next!;
        TransactionMetadata again = TransactionTransitions.Initialize(rotated, new ProducerIdAndEpoch(7, 32766), 60_000, -1, Now).Next!;
        Assert.Equal(rotated.Producer, again.Producer);
    }

    [Fact]
    public void A_producer_whose_epoch_was_used_up_by_another_is_fenced() => Assert.Equal(
        ErrorCode.ProducerFenced,
        TransactionTransitions.Initialize(Empty with { ProducerEpoch = 32767 }, new ProducerIdAndEpoch(7, 32765), 60_000, NewProducerId, Now).Error);

    [Theory]
    [InlineData(8, 4, ErrorCode.InvalidProducerIdMapping)]
    [InlineData(7, 3, ErrorCode.ProducerFenced)]
    [InlineData(7, 5, ErrorCode.ProducerFenced)]
    public void Partitions_are_added_by_the_present_producer_alone(long producerId, short epoch, ErrorCode error)
    {
        foreach (TransactionState state in Enum.GetValues<TransactionState>())
        {
            Transition added = TransactionTransitions.AddPartitions(
                Empty with { State = state }, new ProducerIdAndEpoch(producerId, epoch), [Orders], TransactionVersion.Classic, Now);
            Assert.Equal(Transition.Refuse(error), added);
        }
    }

    [Theory]
    [InlineData(TransactionState.Empty)]
    [InlineData(TransactionState.CompleteCommit)]
    [InlineData(TransactionState.CompleteAbort)]
    internal void The_first_partition_begins_the_transaction(TransactionState state)
    {
        Transition added = TransactionTransitions.AddPartitions(
            Empty with { State = state }, Empty.Producer, [Orders], TransactionVersion.EpochBump, Now);
        Assert.Equal((TransactionState.Ongoing, Now, Now), (added.Next!.State, added.Next.StartTimestamp, added.Next.LastUpdateTimestamp));
        Assert.Equal(TransactionVersion.EpochBump, added.Next.ClientVersion);
        Assert.Equal([Orders], added.Next.Partitions);
    }

    [Fact]
    public void A_further_partition_leaves_the_time_of_the_start_as_it_is()
    {
        TransactionMetadata next = TransactionTransitions.AddPartitions(Ongoing, Ongoing.Producer, [Validated], TransactionVersion.Classic, Now).Next!;
        Assert.Equal(2_000, next.StartTimestamp);
        Assert.True(next.Partitions.SetEquals([Orders, Validated]));
    }

    [Fact]
    public void A_partition_that_is_there_already_changes_nothing() => Assert.Equal(
        Transition.Nothing,
        TransactionTransitions.AddPartitions(Ongoing, Ongoing.Producer, [Orders], TransactionVersion.Classic, Now));

    [Theory]
    [InlineData(TransactionState.PrepareCommit)]
    [InlineData(TransactionState.PrepareAbort)]
    internal void Nothing_begins_while_a_transaction_ends(TransactionState state)
    {
        TransactionMetadata ending = Ongoing with { State = state };
        Assert.Equal(
            Transition.Refuse(ErrorCode.ConcurrentTransactions),
            TransactionTransitions.AddPartitions(ending, ending.Producer, [Orders], TransactionVersion.Classic, Now));
        Assert.Equal(
            Transition.Refuse(ErrorCode.ConcurrentTransactions),
            TransactionTransitions.Initialize(ending, null, 60_000, NewProducerId, Now));
    }

    [Theory]
    [InlineData(4, 5)]
    [InlineData(32766, 32767)]
    [InlineData(32767, 32767)]
    public void A_fence_aborts_with_an_epoch_that_nobody_has(short epoch, short fenced)
    {
        TransactionMetadata aborting = TransactionTransitions.Fence(Ongoing with { ProducerEpoch = epoch }, Now);
        Assert.Equal((TransactionState.PrepareAbort, fenced), (aborting.State, aborting.ProducerEpoch));
        Assert.Equal(Ongoing.Partitions, aborting.Partitions);
    }

    [Theory]
    [InlineData(TransactionState.PrepareCommit, -1, TransactionState.CompleteCommit, 7, 4)]
    [InlineData(TransactionState.PrepareAbort, -1, TransactionState.CompleteAbort, 7, 4)]
    [InlineData(TransactionState.PrepareCommit, NewProducerId, TransactionState.CompleteCommit, NewProducerId, 0)]
    internal void An_end_forgets_the_partitions_and_moves_on_to_the_next_producer_id(
        TransactionState state, long nextProducerId, TransactionState completed, long producerId, short epoch)
    {
        TransactionMetadata complete = TransactionTransitions.Complete(Ongoing with { State = state, NextProducerId = nextProducerId }, Now);
        Assert.Equal((completed, new ProducerIdAndEpoch(producerId, epoch)), (complete.State, complete.Producer));
        Assert.Empty(complete.Partitions);
        Assert.Equal((7, -1, 2_000), (complete.PreviousProducerId, complete.NextProducerId, complete.StartTimestamp));
    }

    private static ProducerIdAndEpoch? Producer(long producerId, short epoch) => producerId < 0 ? null : new ProducerIdAndEpoch(producerId, epoch);
}
