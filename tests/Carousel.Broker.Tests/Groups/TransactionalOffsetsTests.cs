using Carousel.Broker.Groups;
using Carousel.Broker.StateTopics;
using Carousel.Wire;
using static Carousel.Broker.Tests.Groups.GroupWorld;

namespace Carousel.Broker.Tests.Groups;

public sealed class TransactionalOffsetsTests : IDisposable
{
    private static readonly ProducerStamp Producer = new(7000, 3);

    private readonly GroupWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(true, 20L)]
    [InlineData(false, 10L)]
    public async Task Offsets_of_a_transaction_count_when_it_is_committed_and_never_when_it_is_not(bool isCommit, long expected)
    {
        await _world.CommitAsync(Caller(), Offset(10));
        Assert.Equal(ErrorCode.None, await _world.CommitAsync(Producer, Caller(), Offset(20)));
        Assert.Equal(10L, await _world.FetchAsync());
        Assert.Equal(ErrorCode.UnstableOffsetCommit, await _world.FetchAsync(requireStable: true));
        Assert.Equal(-1L, await _world.FetchAsync(partition: 1, requireStable: true));

        _world.End(Producer, isCommit);

        Assert.Equal(expected, await _world.FetchAsync(requireStable: true));
        _world.Crash();
        Assert.Equal(expected, await _world.FetchAsync(requireStable: true));
    }

    [Fact]
    public async Task A_transaction_that_is_open_at_a_crash_is_open_after_it()
    {
        await _world.CommitAsync(Producer, Caller(), Offset(20));
        _world.Crash();
        Assert.Equal(ErrorCode.UnstableOffsetCommit, await _world.FetchAsync(requireStable: true));

        _world.End(Producer, isCommit: true);

        Assert.Equal(20L, await _world.FetchAsync(requireStable: true));
    }

    [Fact]
    public async Task A_commit_that_stands_later_in_the_log_wins_over_the_transaction_that_ends_later()
    {
        await _world.CommitAsync(Producer, Caller(), Offset(20), Offset(21, 1));
        await _world.CommitAsync(Caller(), Offset(30));

        _world.End(Producer, isCommit: true);

        Assert.Equal((30L, 21L), (await _world.FetchAsync(0), await _world.FetchAsync(1)));
        _world.Crash();
        Assert.Equal((30L, 21L), (await _world.FetchAsync(0), await _world.FetchAsync(1)));
    }

    [Fact]
    public async Task Of_two_transactions_the_one_whose_commit_stands_later_wins()
    {
        ProducerStamp other = new(7001, 0);
        await _world.CommitAsync(Producer, Caller(), Offset(20));
        await _world.CommitAsync(other, Caller(), Offset(30));
        _world.End(other, isCommit: true);
        Assert.Equal(ErrorCode.UnstableOffsetCommit, await _world.FetchAsync(requireStable: true));

        _world.End(Producer, isCommit: true);

        Assert.Equal(30L, await _world.FetchAsync(requireStable: true));
    }

    [Fact]
    public async Task The_end_of_a_transaction_leaves_the_next_one_of_its_producer_alone()
    {
        await _world.CommitAsync(Producer, Caller(), Offset(20), Offset(21, 1));
        long marker = _world.Log.AppendMarker(Producer, isCommit: true);
        await _world.CommitAsync(Producer, Caller(), Offset(40));
        _world.Coordinator.OnTransactionEnded(_world.LogPartition, Producer.ProducerId, isCommit: true, marker);

        Assert.Equal(ErrorCode.UnstableOffsetCommit, await _world.FetchAsync(requireStable: true));
        Assert.Equal(21L, await _world.FetchAsync(partition: 1, requireStable: true));
        _world.End(Producer, isCommit: true);
        Assert.Equal(40L, await _world.FetchAsync(requireStable: true));
    }

    [Fact]
    public async Task The_end_is_told_to_readers_when_no_crash_can_take_it_back()
    {
        await _world.CommitAsync(Producer, Caller(), Offset(20));
        _world.Log.HoldsFlush = true;
        _world.End(Producer, isCommit: true);
        Task<object> fetch = _world.FetchAsync();
        Assert.False(fetch.IsCompleted);

        _world.Log.Flush();

        Assert.Equal(20L, await Answer(fetch));
    }

    [Fact]
    public async Task Groups_of_one_transaction_end_together_and_a_marker_elsewhere_ends_nothing()
    {
        string other = Enumerable.Range(0, 100).Select(number => $"other-{number}").First(id => new StateTopic("", _world.Logs, _world.Time).PartitionOf(id) == _world.LogPartition);
        await _world.CommitAsync(Producer, Caller(), Offset(20));
        await _world.CommitAsync(Producer, Caller() with { GroupId = other }, Offset(50));
        _world.Coordinator.OnTransactionEnded((_world.LogPartition + 1) % 4, Producer.ProducerId, isCommit: true, 100);
        Assert.Equal(-1L, await _world.FetchAsync());

        _world.End(Producer, isCommit: true);

        Assert.Equal(20L, await _world.FetchAsync());
        (_, IReadOnlyList<FetchedOffset> offsets) = await _world.Coordinator.FetchAsync(other, null, requireStable: true);
        Assert.Equal(50, offsets.Single().Committed!.Offset);
    }

    [Fact]
    public async Task A_member_of_yesterday_commits_in_no_transaction()
    {
        (int generation, string[] ids) = await _world.StableAsync(new string?[1]);

        Assert.Equal(ErrorCode.IllegalGeneration, await _world.CommitAsync(Producer, Caller(ids[0], generation - 1), Offset(1)));
        Assert.Equal(ErrorCode.UnknownMemberId, await _world.CommitAsync(Producer, Caller("somebody", generation), Offset(1)));
        Assert.Equal(ErrorCode.InvalidGroupId, await _world.CommitAsync(Producer, Caller() with { GroupId = "" }, Offset(1)));
        Assert.Equal(-1L, await _world.FetchAsync(requireStable: true));

        // Clients of old say nothing of themselves, and Kafka takes their word for it.
        Assert.Equal(ErrorCode.None, await _world.CommitAsync(Producer, Caller(), Offset(1)));
        Assert.Equal(ErrorCode.None, await _world.CommitAsync(Producer, Caller(ids[0], generation), Offset(2)));
    }

    [Fact]
    public async Task A_producer_that_the_log_fences_has_nothing_pending()
    {
        _world.Log.RefusalOfProducer = (_, epoch) => epoch < 4 ? ErrorCode.InvalidProducerEpoch : ErrorCode.None;

        Assert.Equal(ErrorCode.InvalidProducerEpoch, await _world.CommitAsync(Producer, Caller(), Offset(20)));
        Assert.Equal(ErrorCode.None, await _world.CommitAsync(Producer with { ProducerEpoch = 4 }, Caller(), Offset(21)));
        _world.End(Producer with { ProducerEpoch = 4 }, isCommit: true);

        Assert.Equal(21L, await _world.FetchAsync(requireStable: true));
    }

    [Fact]
    public async Task The_transaction_takes_the_group_on_before_its_offsets_are_written()
    {
        TransactionalOffsetCommit commit = new("pipeline", Producer, Caller(), [Offset(20)], Enlists: true);
        _world.EnlistmentError = ErrorCode.ConcurrentTransactions;
        Assert.Equal([ErrorCode.ConcurrentTransactions], await Answer(_world.Coordinator.CommitAsync(commit).AsTask()));
        Assert.Empty(_world.Log.Batches);

        _world.EnlistmentError = ErrorCode.None;
        Assert.Equal([ErrorCode.None], await Answer(_world.Coordinator.CommitAsync(commit).AsTask()));

        Assert.Equal(("pipeline", Producer, new TopicPartition("__consumer_offsets", _world.LogPartition)), _world.Enlisted[^1]);
        Assert.Single(_world.Log.Batches);
    }
}
