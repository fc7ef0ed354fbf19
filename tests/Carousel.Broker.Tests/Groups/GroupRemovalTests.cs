using Carousel.Broker.Groups;
using Carousel.Wire;
using static Carousel.Broker.Tests.Groups.GroupWorld;

namespace Carousel.Broker.Tests.Groups;

public sealed class GroupRemovalTests : IDisposable
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(7);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMinutes(10);

    private readonly GroupWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_group_is_deleted_with_its_offsets_if_nobody_is_in_it()
    {
        (int generation, string[] ids) = await _world.StableAsync(new string?[1]);
        await _world.CommitAsync(Caller(ids[0], generation), Offset(1), Offset(2, 1));
        Assert.Equal(ErrorCode.NonEmptyGroup, await _world.Coordinator.DeleteGroupAsync(GroupId));

        _world.Leave(ids[0]);
        await _world.CommitAsync(new(7000, 0), Caller(), Offset(3, 2));
        Assert.Equal(ErrorCode.None, await _world.Coordinator.DeleteGroupAsync(GroupId));

        Assert.Equal(ErrorCode.GroupIdNotFound, await _world.Coordinator.DeleteGroupAsync(GroupId));
        _world.End(new(7000, 0), isCommit: true);
        Assert.Empty(_world.Coordinator.List());
        _world.Crash();
        Assert.Empty(_world.Coordinator.List());
        Assert.Equal((-1L, -1L), (await _world.FetchAsync(0), await _world.FetchAsync(2, requireStable: true)));
        Assert.Equal(1, (await Answer(_world.JoinAsync())).Generation);
    }

    [Fact]
    public async Task A_deletion_is_answered_when_it_is_durable_and_not_done_where_it_cannot_be_written()
    {
        await _world.CommitAsync(Caller(), Offset(1));
        _world.Log.Refusal = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.NotCoordinator, await _world.Coordinator.DeleteGroupAsync(GroupId));
        Assert.Equal(1L, await _world.FetchAsync());

        _world.Log.Refusal = ErrorCode.None;
        _world.Log.HoldsFlush = true;
        Task<ErrorCode> deletion = _world.Coordinator.DeleteGroupAsync(GroupId).AsTask();
        Assert.False(deletion.IsCompleted);
        _world.Log.Flush();
        Assert.Equal(ErrorCode.None, await Answer(deletion));
    }

    [Fact]
    public async Task Thousands_of_offsets_go_with_their_group()
    {
        await _world.CommitAsync(Caller(), [.. Enumerable.Range(0, 5000).Select(partition => Offset(partition, partition))]);

        Assert.Equal(ErrorCode.None, await _world.Coordinator.DeleteGroupAsync(GroupId));

        _world.Crash();
        Assert.Empty(_world.Coordinator.List());
        Assert.Equal(1 + 5, _world.Log.Batches.Count);
    }

    [Fact]
    public async Task Single_offsets_are_deleted_but_not_of_topics_that_consumers_subscribe_to()
    {
        (int generation, string[] ids) = await _world.StableAsync(new string?[1]);
        await _world.CommitAsync(Caller(ids[0], generation), Offset(1), Offset(2, topic: "refunds"), Offset(3, 1, topic: "refunds"));

        (ErrorCode error, IReadOnlyList<ErrorCode> partitions) =
            await _world.Coordinator.DeleteOffsetsAsync(GroupId, [new("orders", 0), new("refunds", 0), new("refunds", 7)]);

        Assert.Equal(ErrorCode.None, error);
        Assert.Equal([ErrorCode.GroupSubscribedToTopic, ErrorCode.None, ErrorCode.None], partitions);
        _world.Crash();
        (_, IReadOnlyList<FetchedOffset> left) = await _world.Coordinator.FetchAsync(GroupId, null, requireStable: false);
        Assert.Equal(["orders-0", "refunds-1"], left.Select(offset => offset.Partition.ToString()).Order());
    }

    [Fact]
    public async Task Offsets_are_deleted_of_no_group_of_another_kind_and_of_none_at_all()
    {
        JoinAnswer worker = await Answer(_world.Coordinator.JoinAsync(Wish() with { ProtocolType = "connect" }));
        Assert.Equal(ErrorCode.None, worker.Error);

        Assert.Equal(ErrorCode.NonEmptyGroup, (await _world.Coordinator.DeleteOffsetsAsync(GroupId, [new("orders", 0)])).Error);
        Assert.Equal(ErrorCode.GroupIdNotFound, (await _world.Coordinator.DeleteOffsetsAsync("elsewhere", [new("orders", 0)])).Error);
        Assert.Equal(ErrorCode.InvalidGroupId, (await _world.Coordinator.DeleteOffsetsAsync("", [new("orders", 0)])).Error);
    }

    [Fact]
    public async Task What_groups_committed_for_a_topic_goes_with_the_topic()
    {
        await _world.CommitAsync(Caller(), Offset(1), Offset(2, topic: "refunds"));
        await _world.CommitAsync(new(7000, 0), Caller(), Offset(3, 1, topic: "refunds"));
        await _world.CommitAsync(Caller() with { GroupId = "others" }, Offset(4, topic: "refunds"));

        await _world.Coordinator.OnTopicDeletedAsync("refunds");
        _world.End(new(7000, 0), isCommit: true);

        _world.Crash();
        Assert.Equal(1L, await _world.FetchAsync());
        Assert.Single((await _world.Coordinator.FetchAsync(GroupId, null, requireStable: true)).Offsets);
        Assert.Empty((await _world.Coordinator.FetchAsync("others", null, requireStable: true)).Offsets);
    }

    [Fact]
    public async Task Offsets_of_a_group_that_is_empty_for_a_week_expire_and_the_group_with_them()
    {
        (int generation, string[] ids) = await _world.StableAsync(new string?[1]);
        await _world.CommitAsync(Caller(ids[0], generation), Offset(1));
        _world.Pass(Session / 2);
        _world.Leave(ids[0]);

        _world.Pass(Retention - CheckInterval);
        Assert.Equal(1L, await _world.FetchAsync());
        _world.Pass(CheckInterval);

        Assert.Equal(-1L, await _world.FetchAsync());
        Assert.Empty(_world.Coordinator.List());
        _world.Crash();
        Assert.Empty(_world.Coordinator.List());
    }

    [Fact]
    public async Task A_restart_does_not_begin_the_week_anew()
    {
        (int generation, string[] ids) = await _world.StableAsync(new string?[1]);
        await _world.CommitAsync(Caller(ids[0], generation), Offset(1));
        _world.Leave(ids[0]);
        _world.Pass(Retention / 2);
        _world.Crash();
        Assert.Equal(1L, await _world.FetchAsync());

        _world.Pass(Retention / 2);

        Assert.Empty(_world.Coordinator.List());
    }

    [Fact]
    public async Task Offsets_of_a_simple_consumer_expire_a_week_after_each_was_committed()
    {
        await _world.CommitAsync(Caller(), Offset(1), Offset(2, 1));
        _world.Pass(Retention / 2);
        await _world.CommitAsync(Caller(), Offset(3, 1));

        _world.Pass(Retention / 2);

        Assert.Equal((-1L, 3L), (await _world.FetchAsync(0), await _world.FetchAsync(1)));
        _world.Pass(Retention / 2);
        Assert.Empty(_world.Coordinator.List());
    }

    [Fact]
    public async Task While_consumers_are_in_the_group_only_topics_that_they_left_expire()
    {
        JoinAnswer member = await Answer(_world.Coordinator.JoinAsync(Wish() with { SessionTimeout = TimeSpan.FromMinutes(30) }));
        await Answer(_world.SyncAsync(member.MemberId, 1));
        await _world.CommitAsync(Caller(member.MemberId, 1), Offset(1), Offset(2, topic: "refunds"));
        for (TimeSpan passed = TimeSpan.Zero; passed < Retention; passed += CheckInterval)
        {
            _world.Pass(CheckInterval);
            Assert.Equal(ErrorCode.None, _world.Heartbeat(member.MemberId, 1));
        }

        (_, IReadOnlyList<FetchedOffset> left) = await _world.Coordinator.FetchAsync(GroupId, null, requireStable: false);
        Assert.Equal("orders-0", left.Single().Partition.ToString());
    }

    [Fact]
    public async Task An_offset_that_an_open_transaction_may_replace_does_not_expire()
    {
        await _world.CommitAsync(Caller(), Offset(1));
        await _world.CommitAsync(new(7000, 0), Caller(), Offset(2));

        _world.Pass(Retention * 2);

        Assert.Equal(1L, await _world.FetchAsync());
        _world.End(new(7000, 0), isCommit: false);
        _world.Pass(CheckInterval);
        Assert.Empty(_world.Coordinator.List());
    }

    [Fact]
    public async Task A_client_of_old_says_itself_how_long_its_offsets_are_kept()
    {
        await Answer(_world.Coordinator.CommitAsync(new OffsetCommit(Caller(), [Offset(1)]) { RetentionMs = 3_600_000 }).AsTask());
        await Answer(_world.Coordinator.CommitAsync(new OffsetCommit(Caller(), [Offset(2, 1)]) { RetentionMs = long.MaxValue }).AsTask());
        _world.Crash();
        _world.Pass(TimeSpan.FromMinutes(50));
        Assert.Equal((1L, 2L), (await _world.FetchAsync(0), await _world.FetchAsync(1)));

        _world.Pass(CheckInterval);
        Assert.Equal(-1L, await _world.FetchAsync(0));
        _world.Pass(Retention * 2);
        Assert.Equal(2L, await _world.FetchAsync(1));
    }

    [Fact]
    public async Task A_group_without_members_and_offsets_is_not_kept_for_ever()
    {
        (_, string[] ids) = await _world.StableAsync(new string?[1]);
        _world.Leave(ids[0]);
        Assert.Single(_world.Coordinator.List());

        _world.Pass(CheckInterval);

        Assert.Empty(_world.Coordinator.List());
    }
}
