using Carousel.Broker.Groups;
using Carousel.Wire;
using static Carousel.Broker.Tests.Groups.GroupWorld;

namespace Carousel.Broker.Tests.Groups;

public sealed class OffsetCommitsTests : IDisposable
{
    private readonly GroupWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_commit_is_answered_when_it_is_durable_and_read_only_then()
    {
        _world.Log.HoldsFlush = true;
        Task<ErrorCode> commit = _world.CommitAsync(Caller(), Offset(41));
        Task<object> fetch = _world.FetchAsync();
        Assert.False(commit.IsCompleted || fetch.IsCompleted);

        _world.Log.Flush();

        Assert.Equal(ErrorCode.None, await Answer(commit));
        Assert.Equal(41L, await Answer(fetch));
    }

    [Fact]
    public async Task What_a_crash_takes_back_nobody_has_seen()
    {
        await _world.CommitAsync(Caller(), Offset(41));
        _world.Log.HoldsFlush = true;
        Task<ErrorCode> lost = _world.CommitAsync(Caller(), Offset(42));
        Task<object> unseen = _world.FetchAsync();

        _world.Crash();

        Assert.False(lost.IsCompleted || unseen.IsCompleted);
        Assert.Equal(41L, await _world.FetchAsync());
    }

    [Fact]
    public async Task Everything_about_an_offset_is_kept()
    {
        string metadata = string.Concat(Enumerable.Repeat("ä😀", 1365)) + "a";
        Guid topicId = Guid.NewGuid();
        await Answer(_world.Coordinator.CommitAsync(new OffsetCommit(Caller(), [new(new("orders", 3), topicId, 1L << 40, 7, metadata)])).AsTask());

        _world.Crash();

        (_, IReadOnlyList<FetchedOffset> offsets) = await _world.Coordinator.FetchAsync(GroupId, null, requireStable: false);
        FetchedOffset offset = offsets.Single();
        Assert.Equal((new TopicPartition("orders", 3), topicId), (offset.Partition, offset.TopicId));
        Assert.Equal((1L << 40, 7, metadata), (offset.Committed!.Offset, offset.Committed.LeaderEpoch, offset.Committed.Metadata));
        Assert.Equal(_world.Time.GetUtcNow().ToUnixTimeMilliseconds(), offset.Committed.CommitTimestamp);
    }

    [Fact]
    public async Task Metadata_that_is_too_long_fails_for_its_partition_alone()
    {
        IReadOnlyList<ErrorCode> errors = await Answer(_world.Coordinator.CommitAsync(
            new OffsetCommit(Caller(), [Offset(1), Offset(2, 1, new string('x', 4097)), Offset(3, 2, new string('x', 4096))])).AsTask());

        Assert.Equal([ErrorCode.None, ErrorCode.OffsetMetadataTooLarge, ErrorCode.None], errors);
        Assert.Equal((1L, -1L, 3L), (await _world.FetchAsync(0), await _world.FetchAsync(1), await _world.FetchAsync(2)));
    }

    [Fact]
    public async Task A_generation_that_no_group_has_is_refused_in_the_words_that_the_client_knows()
    {
        Assert.Equal(ErrorCode.IllegalGeneration, await _world.CommitAsync(Caller("m", 1), Offset(1)));
        OffsetCommit newer = new(Caller("m", 1), [Offset(1)]) { KnowsGroupIdNotFound = true };
        Assert.Equal([ErrorCode.GroupIdNotFound], await Answer(_world.Coordinator.CommitAsync(newer).AsTask()));
        Assert.Equal(ErrorCode.IllegalGeneration, await _world.CommitAsync(new(7000, 0), Caller("m", 1), Offset(1)));
        Assert.Empty(_world.Coordinator.List());
    }

    [Fact]
    public async Task Only_members_of_the_generation_commit_while_there_are_any()
    {
        (int generation, string[] ids) = await _world.StableAsync(new string?[1]);

        Assert.Equal(ErrorCode.UnknownMemberId, await _world.CommitAsync(Caller(), Offset(1)));
        Assert.Equal(ErrorCode.UnknownMemberId, await _world.CommitAsync(Caller("somebody", generation), Offset(1)));
        Assert.Equal(ErrorCode.IllegalGeneration, await _world.CommitAsync(Caller(ids[0], generation - 1), Offset(1)));
        Assert.Equal(ErrorCode.IllegalGeneration, await _world.CommitAsync(Caller(ids[0]), Offset(1)));
        Assert.Equal(-1L, await _world.FetchAsync());
        Assert.Equal(ErrorCode.None, await _world.CommitAsync(Caller(ids[0], generation), Offset(1)));

        _world.Leave(ids[0]);
        Assert.Equal(ErrorCode.None, await _world.CommitAsync(Caller(), Offset(2)));
        Assert.Equal(ErrorCode.UnknownMemberId, await _world.CommitAsync(Caller(ids[0], generation), Offset(3)));
        Assert.Equal(2L, await _world.FetchAsync());
    }

    [Fact]
    public async Task A_member_may_commit_what_it_read_until_the_new_assignment_is_awaited()
    {
        (int generation, string[] ids) = await _world.StableAsync(null, null);
        Task<JoinAnswer> leader = _world.JoinAsync(ids[0]);
        Assert.Equal(ErrorCode.None, await _world.CommitAsync(Caller(ids[1], generation), Offset(1)));
        await Answer(_world.JoinAsync(ids[1]));
        await Answer(leader);

        Assert.Equal(ErrorCode.RebalanceInProgress, await _world.CommitAsync(Caller(ids[1], generation + 1), Offset(2)));
        Assert.Equal(ErrorCode.None, await _world.CommitAsync(new(7000, 0), Caller(ids[1], generation + 1), Offset(2)));
        Assert.Equal(1L, await _world.FetchAsync());
    }

    [Fact]
    public async Task A_commit_is_a_sign_of_life()
    {
        (int generation, string[] ids) = await _world.StableAsync(new string?[1]);
        for (int beat = 0; beat < 5; beat++)
        {
            _world.Pass(Session / 2);
            await _world.CommitAsync(Caller(ids[0], generation), Offset(beat));
        }

        Assert.Equal(ErrorCode.None, _world.Heartbeat(ids[0], generation));
    }

    [Theory]
    [InlineData(ErrorCode.KafkaStorageError, ErrorCode.NotCoordinator)]
    [InlineData(ErrorCode.UnknownTopicOrPartition, ErrorCode.CoordinatorNotAvailable)]
    [InlineData(ErrorCode.MessageTooLarge, ErrorCode.UnknownServerError)]
    public async Task A_commit_that_cannot_be_written_leaves_no_trace(ErrorCode refusal, ErrorCode told)
    {
        _world.Log.Refusal = refusal;
        Assert.Equal(told, await _world.CommitAsync(Caller(), Offset(1)));
        Assert.Equal(told, await _world.CommitAsync(new(7000, 0), Caller(), Offset(1)));
        _world.Log.Refusal = ErrorCode.None;

        Assert.Equal(-1L, await _world.FetchAsync(requireStable: true));
        Assert.Empty(_world.Coordinator.List());
    }

    [Fact]
    public async Task When_the_disk_fails_to_flush_neither_commit_nor_fetch_pretend()
    {
        await _world.CommitAsync(Caller(), Offset(1));
        _world.Log.HoldsFlush = true;
        Task<ErrorCode> commit = _world.CommitAsync(Caller(), Offset(2));
        Task<object> fetch = _world.FetchAsync();
        _world.Log.FailFlush(ErrorCode.KafkaStorageError);

        Assert.Equal(ErrorCode.NotCoordinator, await Answer(commit));
        Assert.Equal(ErrorCode.NotCoordinator, await Answer(fetch));
    }

    [Fact]
    public async Task A_topic_that_was_made_anew_under_its_name_begins_anew()
    {
        Guid old = Guid.NewGuid();
        await Answer(_world.Coordinator.CommitAsync(new OffsetCommit(Caller(), [Offset(9) with { TopicId = old }])).AsTask());

        Assert.Equal(9L, (await FetchAsync(old))!.Offset);
        Assert.Equal(9L, (await FetchAsync(default))!.Offset);
        Assert.Null(await FetchAsync(Guid.NewGuid()));
    }

    private async Task<CommittedOffset?> FetchAsync(Guid topicId) =>
        (await _world.Coordinator.FetchAsync(GroupId, [new(new("orders", 0), topicId)], requireStable: true)).Offsets.Single().Committed;
}
