using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>EndTxn, state by state. The present producer is 7 at epoch 4.</summary>
public sealed class EndTransitionTests
{
    private const long Now = 5_000;

    private static readonly TransactionMetadata Current =
        TransactionMetadata.New(7, 60_000, 1_000) with { ProducerEpoch = 4, PreviousProducerId = 7, StartTimestamp = 2_000 };

    [Theory]
    [InlineData(TransactionState.Empty, true, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.Empty, false, ErrorCode.None)]
    [InlineData(TransactionState.PrepareCommit, true, ErrorCode.ConcurrentTransactions)]
    [InlineData(TransactionState.PrepareCommit, false, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.PrepareAbort, true, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.PrepareAbort, false, ErrorCode.ConcurrentTransactions)]
    [InlineData(TransactionState.CompleteCommit, true, ErrorCode.None)]
    [InlineData(TransactionState.CompleteCommit, false, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.CompleteAbort, true, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.CompleteAbort, false, ErrorCode.None)]
    internal void A_classic_end_without_a_transaction_changes_nothing(TransactionState state, bool isCommit, ErrorCode error) => Assert.Equal(
        Transition.Refuse(error),
        EndTransition.Of(Current with { State = state }, Current.Producer, isCommit, TransactionVersion.Classic, -1, Now));

    [Theory]
    [InlineData(true, TransactionState.PrepareCommit)]
    [InlineData(false, TransactionState.PrepareAbort)]
    internal void A_classic_end_keeps_the_epoch(bool isCommit, TransactionState decided)
    {
        TransactionMetadata ongoing = Current with { State = TransactionState.Ongoing, Partitions = [new("orders", 0)] };
        Assert.Equal(
            ongoing with { State = decided, LastUpdateTimestamp = Now },
            EndTransition.Of(ongoing, Current.Producer, isCommit, TransactionVersion.Classic, -1, Now).Next);
    }

    [Theory]
    [InlineData(8, 4, ErrorCode.InvalidProducerIdMapping)]
    [InlineData(7, 3, ErrorCode.ProducerFenced)]
    [InlineData(7, 5, ErrorCode.ProducerFenced)]
    public void A_classic_end_is_for_the_present_producer_alone(long producerId, short epoch, ErrorCode error)
    {
        foreach (TransactionState state in Enum.GetValues<TransactionState>())
        {
            Assert.Equal(
                Transition.Refuse(error),
                EndTransition.Of(Current with { State = state }, new(producerId, epoch), isCommit: true, TransactionVersion.Classic, -1, Now));
        }
    }

    /// <summary>Null where a new state is written: the epoch is raised.</summary>
    [Theory]
    [InlineData(TransactionState.Empty, true, 4, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.Empty, true, 3, ErrorCode.ProducerFenced)]
    [InlineData(TransactionState.Empty, false, 4, null)]
    [InlineData(TransactionState.Empty, false, 3, ErrorCode.ProducerFenced)]
    [InlineData(TransactionState.Ongoing, true, 4, null)]
    [InlineData(TransactionState.Ongoing, true, 3, ErrorCode.ProducerFenced)]
    [InlineData(TransactionState.Ongoing, false, 4, null)]
    [InlineData(TransactionState.Ongoing, false, 5, ErrorCode.ProducerFenced)]
    [InlineData(TransactionState.PrepareCommit, true, 4, ErrorCode.ProducerFenced)]
    [InlineData(TransactionState.PrepareCommit, true, 3, ErrorCode.ConcurrentTransactions)]
    [InlineData(TransactionState.PrepareCommit, false, 3, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.PrepareAbort, false, 4, ErrorCode.ProducerFenced)]
    [InlineData(TransactionState.PrepareAbort, false, 3, ErrorCode.ConcurrentTransactions)]
    [InlineData(TransactionState.PrepareAbort, true, 3, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.CompleteCommit, true, 4, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.CompleteCommit, true, 3, ErrorCode.None)]
    [InlineData(TransactionState.CompleteCommit, false, 4, null)]
    [InlineData(TransactionState.CompleteCommit, false, 3, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.CompleteAbort, true, 4, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.CompleteAbort, true, 3, ErrorCode.InvalidTxnState)]
    [InlineData(TransactionState.CompleteAbort, false, 4, null)]
    [InlineData(TransactionState.CompleteAbort, false, 3, ErrorCode.None)]
    [InlineData(TransactionState.CompleteAbort, false, 2, ErrorCode.ProducerFenced)]
    internal void An_end_that_raises_the_epoch_tells_a_repetition_from_the_next_end(TransactionState state, bool isCommit, short epoch, ErrorCode? error)
    {
        Transition end = EndTransition.Of(
            Current with { State = state }, new(7, epoch), isCommit, TransactionVersion.EpochBump, nextProducerId: 99, Now);
        if (error is { } refused)
        {
            Assert.Equal(Transition.Refuse(refused), end);
            return;
        }

        Assert.Equal((short)5, end.Next!.ProducerEpoch);
        Assert.Equal(isCommit ? TransactionState.PrepareCommit : TransactionState.PrepareAbort, end.Next.State);
        Assert.Equal(-1, end.Next.NextProducerId);
        Assert.Equal(state == TransactionState.Ongoing ? 2_000 : Now, end.Next.StartTimestamp);
    }

    [Fact]
    public void An_end_of_another_producer_id_is_refused() => Assert.Equal(
        ErrorCode.InvalidProducerIdMapping,
        EndTransition.Of(Current with { State = TransactionState.Ongoing }, new(8, 4), isCommit: true, TransactionVersion.EpochBump, -1, Now).Error);

    [Fact]
    public void The_last_epoch_of_a_producer_id_leads_to_the_next_one_and_may_be_repeated()
    {
        TransactionMetadata ongoing = Current with { State = TransactionState.Ongoing, ProducerEpoch = 32766 };
        Assert.True(EndTransition.NeedsProducerId(ongoing, TransactionVersion.EpochBump));
        Assert.False(EndTransition.NeedsProducerId(ongoing, TransactionVersion.Classic));

        TransactionMetadata decided = EndTransition.Of(ongoing, new(7, 32766), isCommit: true, TransactionVersion.EpochBump, 99, Now).Next!;
        Assert.Equal((new ProducerIdAndEpoch(7, 32767), 99), (decided.Producer, decided.NextProducerId));

        TransactionMetadata complete = TransactionTransitions.Complete(decided, Now);
        Assert.Equal(new ProducerIdAndEpoch(99, 0), complete.Producer);
        Assert.Equal(Transition.Nothing, EndTransition.Of(complete, new(7, 32766), isCommit: true, TransactionVersion.EpochBump, -1, Now));
        Assert.Equal(
            ErrorCode.InvalidProducerIdMapping,
            EndTransition.Of(complete, new(7, 32765), isCommit: true, TransactionVersion.EpochBump, -1, Now).Error);
    }

    [Fact]
    public void An_abort_at_the_epoch_that_only_fences_doesnt_overflow()
    {
        TransactionMetadata fenced = Current with { State = TransactionState.CompleteAbort, ProducerEpoch = short.MaxValue };
        TransactionMetadata next = EndTransition.Of(fenced, fenced.Producer, isCommit: false, TransactionVersion.EpochBump, 99, Now).Next!;
        Assert.Equal((short.MaxValue, 99), (next.ProducerEpoch, next.NextProducerId));
    }
}
