using Carousel.Broker.Groups;
using Carousel.Wire;
using static Carousel.Broker.Tests.Groups.GroupWorld;

namespace Carousel.Broker.Tests.Groups;

public sealed class MembershipTests : IDisposable
{
    private readonly GroupWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task A_heartbeat_keeps_a_member_and_silence_loses_it()
    {
        (int generation, string[] ids) = await _world.StableAsync(null, null);
        for (int beat = 0; beat < 10; beat++)
        {
            _world.Pass(Session / 2);
            Assert.Equal(ErrorCode.None, _world.Heartbeat(ids[0], generation));
            Assert.Equal(ErrorCode.None, _world.Heartbeat(ids[1], generation));
        }

        _world.Pass(Session / 2);
        Assert.Equal(ErrorCode.None, _world.Heartbeat(ids[0], generation));
        Assert.Equal(ErrorCode.IllegalGeneration, _world.Heartbeat(ids[1], generation - 1));
        _world.Pass(Session / 2);

        Assert.Equal(ErrorCode.RebalanceInProgress, _world.Heartbeat(ids[0], generation));
        Assert.Equal(ErrorCode.UnknownMemberId, _world.Heartbeat(ids[1], generation));
        Assert.Equal(ids[0], _world.Coordinator.Describe(GroupId)!.Members.Single().Identity.MemberId);
    }

    [Fact]
    public async Task A_heartbeat_of_nobody_of_yesterday_or_of_nowhere_is_refused()
    {
        (int generation, string[] ids) = await _world.StableAsync(new string?[1]);

        Assert.Equal(ErrorCode.UnknownMemberId, _world.Heartbeat("somebody", generation));
        Assert.Equal(ErrorCode.IllegalGeneration, _world.Heartbeat(ids[0], generation + 1));
        Assert.Equal(ErrorCode.UnknownMemberId, _world.Coordinator.Heartbeat(new GroupCaller("elsewhere", ids[0], null, generation)));
        Assert.Equal(ErrorCode.InvalidGroupId, _world.Coordinator.Heartbeat(new GroupCaller("", ids[0], null, generation)));
    }

    [Fact]
    public async Task A_heartbeat_while_the_assignment_is_awaited_is_nothing_special()
    {
        JoinAnswer member = await Answer(_world.JoinAsync());

        Assert.Equal(ErrorCode.None, _world.Heartbeat(member.MemberId, member.Generation));
    }

    [Fact]
    public async Task A_member_that_is_parked_need_not_send_heartbeats()
    {
        (_, string[] ids) = await _world.StableAsync(null, null);
        Task<JoinAnswer> parked = _world.Coordinator.JoinAsync(Wish(ids[0]) with { RebalanceTimeout = TimeSpan.FromMinutes(30) });
        for (int beat = 0; beat < 3; beat++)
        {
            _world.Pass(Session * 0.9);
            Assert.Equal(ErrorCode.RebalanceInProgress, _world.Heartbeat(ids[1], 2));
        }

        await Answer(_world.JoinAsync(ids[1]));
        Assert.Equal((ErrorCode.None, 3), ((await Answer(parked)).Error, (await Answer(parked)).Generation));
    }

    [Fact]
    public async Task A_new_member_that_is_parked_and_never_asks_again_is_dropped_after_five_minutes()
    {
        JoinAnswer first = await Answer(_world.Coordinator.JoinAsync(Wish() with { SessionTimeout = TimeSpan.FromMinutes(20), RebalanceTimeout = TimeSpan.FromMinutes(15) }));
        await Answer(_world.SyncAsync(first.MemberId, 1));
        Task<JoinAnswer> gone = _world.JoinAsync();

        _world.Pass(TimeSpan.FromMinutes(5));

        Assert.Equal(ErrorCode.UnknownMemberId, (await Answer(gone)).Error);
        Assert.Single((await Answer(_world.JoinAsync(first.MemberId))).Members);
    }

    [Fact]
    public async Task A_member_that_leaves_is_out_at_once_and_the_others_rebalance()
    {
        (int generation, string[] ids) = await _world.StableAsync(null, null);

        Assert.Equal(ErrorCode.None, _world.Leave(ids[0]));
        Assert.Equal(ErrorCode.UnknownMemberId, _world.Leave(ids[0]));
        Assert.Equal(ErrorCode.RebalanceInProgress, _world.Heartbeat(ids[1], generation));
        JoinAnswer last = await Answer(_world.JoinAsync(ids[1]));
        Assert.Equal((generation + 1, ids[1]), (last.Generation, last.LeaderId));
    }

    [Fact]
    public async Task The_last_one_leaves_an_empty_group()
    {
        (int generation, string[] ids) = await _world.StableAsync(new string?[1]);

        Assert.Equal(ErrorCode.None, _world.Leave(ids[0]));

        DescribedGroup group = _world.Coordinator.Describe(GroupId)!;
        Assert.Equal((GroupState.Empty, "consumer", "", 0), (group.State, group.ProtocolType, group.Protocol, group.Members.Count));
        Assert.Equal(generation + 2, (await Answer(_world.JoinAsync())).Generation);
    }

    [Fact]
    public async Task One_that_leaves_while_it_is_parked_is_answered()
    {
        (_, string[] ids) = await _world.StableAsync(null, null);
        Task<JoinAnswer> parkedJoin = _world.JoinAsync(ids[0]);
        Assert.Equal(ErrorCode.None, _world.Leave(ids[0]));
        Assert.Equal(ErrorCode.UnknownMemberId, (await Answer(parkedJoin)).Error);

        JoinAnswer last = await Answer(_world.JoinAsync(ids[1]));
        Task<JoinAnswer> newcomer = _world.JoinAsync();
        await Answer(_world.JoinAsync(ids[1]));
        string newcomerId = (await Answer(newcomer)).MemberId;
        Task<SyncAnswer> parkedSync = _world.SyncAsync(newcomerId, last.Generation + 1);
        Assert.Equal(ErrorCode.None, _world.Leave(newcomerId));
        Assert.Equal(ErrorCode.UnknownMemberId, (await Answer(parkedSync)).Error);
    }

    [Fact]
    public async Task An_id_that_was_given_out_may_leave_before_it_joins()
    {
        JoinAnswer told = await Answer(_world.Coordinator.JoinAsync(Wish() with { RequiresKnownMemberId = true }));

        Assert.Equal(ErrorCode.None, _world.Leave(told.MemberId));
        Assert.Empty(_world.Coordinator.List());
    }

    [Fact]
    public async Task Many_leave_with_one_request_and_each_has_an_answer()
    {
        (_, string[] ids) = await _world.StableAsync("a", null, null);

        (ErrorCode error, IReadOnlyList<ErrorCode> leavers) = _world.Coordinator.Leave(
            GroupId,
            [new("", "a", "scaled in"), new(ids[1], null, null), new("", "unknown", null), new(ids[2], "a", null), new("", null, null)]);

        Assert.Equal(ErrorCode.None, error);
        Assert.Equal([ErrorCode.None, ErrorCode.None, ErrorCode.UnknownMemberId, ErrorCode.UnknownMemberId, ErrorCode.UnknownMemberId], leavers);
        Assert.Equal(ids[2], _world.Coordinator.Describe(GroupId)!.Members.Single().Identity.MemberId);
        Assert.Equal(ErrorCode.InvalidGroupId, _world.Coordinator.Leave("", [new("x", null, null)]).Error);
        Assert.Equal([ErrorCode.UnknownMemberId], _world.Coordinator.Leave("elsewhere", [new("x", null, null)]).Leavers);
    }
}
