using Carousel.Broker.Groups;
using Carousel.Wire;
using static Carousel.Broker.Tests.Groups.GroupWorld;

namespace Carousel.Broker.Tests.Groups;

/// <summary>KIP-345.</summary>
public sealed class StaticMembershipTests : IDisposable
{
    private readonly GroupWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task An_instance_that_comes_back_takes_its_assignment_over_and_nobody_rebalances()
    {
        (int generation, string[] ids) = await _world.StableAsync("a", "b");

        JoinAnswer back = await Answer(_world.JoinAsync(instanceId: "b"));

        Assert.Equal((ErrorCode.None, generation, ids[0], 0), (back.Error, back.Generation, back.LeaderId, back.Members.Count));
        Assert.StartsWith("b-", back.MemberId, StringComparison.Ordinal);
        Assert.NotEqual(ids[1], back.MemberId);
        Assert.Equal(ErrorCode.None, _world.Heartbeat(ids[0], generation, "a"));
        Assert.Equal([1], (await Answer(_world.SyncAsync(back.MemberId, generation))).Assignment);
    }

    [Fact]
    public async Task The_one_that_was_replaced_is_fenced_whatever_it_tries()
    {
        (int generation, string[] ids) = await _world.StableAsync("a", "b");
        await Answer(_world.JoinAsync(instanceId: "b"));

        Assert.Equal(ErrorCode.FencedInstanceId, _world.Heartbeat(ids[1], generation, "b"));
        Assert.Equal(ErrorCode.FencedInstanceId, (await Answer(_world.JoinAsync(ids[1], "b"))).Error);
        Assert.Equal(ErrorCode.FencedInstanceId, _world.Leave(ids[1], "b"));
        Assert.Equal(ErrorCode.FencedInstanceId, await _world.CommitAsync(Caller(ids[1], generation, "b"), Offset(5)));
        Assert.Equal(ErrorCode.FencedInstanceId, await _world.CommitAsync(new(7000, 0), Caller(ids[1], generation, "b"), Offset(5)));
        Assert.Equal(ErrorCode.UnknownMemberId, _world.Heartbeat(ids[1], generation));
        Assert.Equal(ErrorCode.UnknownMemberId, _world.Heartbeat(ids[1], generation, "c"));
    }

    [Fact]
    public async Task A_leader_that_comes_back_leads_and_is_told_whether_it_must_assign()
    {
        (int generation, string[] ids) = await _world.StableAsync("a", "b");

        JoinAnswer back = await Answer(_world.JoinAsync(instanceId: "a"));
        Assert.Equal((generation, back.MemberId, true, 2), (back.Generation, back.LeaderId, back.SkipAssignment, back.Members.Count));

        // A client that knows nothing of skipping would assign if it took itself for the leader, and nobody would listen.
        JoinAnswer old = await Answer(_world.Coordinator.JoinAsync(Wish(instanceId: "a") with { SupportsSkippingAssignment = false }));
        Assert.Equal((generation, back.MemberId, false, 0), (old.Generation, old.LeaderId, old.SkipAssignment, old.Members.Count));
        Assert.Equal([0], (await Answer(_world.SyncAsync(old.MemberId, generation))).Assignment);
        Assert.NotEqual(ids[0], old.MemberId);
    }

    [Fact]
    public async Task An_instance_that_comes_back_with_another_protocol_starts_a_rebalance_if_that_changes_the_choice()
    {
        await _world.StableAsync("a");

        Task<JoinAnswer> back = _world.JoinAsync("", "a", "range", "sticky");
        Assert.Equal(1, (await Answer(back)).Generation);
        JoinAnswer changed = await Answer(_world.JoinAsync("", "a", "sticky", "range"));
        Assert.Equal((2, "sticky"), (changed.Generation, changed.ProtocolName));
    }

    [Fact]
    public async Task An_instance_that_comes_back_while_the_assignment_is_awaited_starts_a_rebalance()
    {
        JoinAnswer first = await Answer(_world.JoinAsync(instanceId: "a"));

        JoinAnswer back = await Answer(_world.JoinAsync(instanceId: "a"));

        Assert.Equal((first.Generation + 1, back.MemberId), (back.Generation, back.LeaderId));
    }

    [Fact]
    public async Task One_that_is_parked_is_fenced_when_its_instance_comes_back()
    {
        (_, string[] ids) = await _world.StableAsync("a", "b");
        Task<JoinAnswer> parked = _world.JoinAsync(ids[0], "a");
        Task<JoinAnswer> back = _world.JoinAsync(instanceId: "a");

        Assert.Equal(ErrorCode.FencedInstanceId, (await Answer(parked)).Error);
        await Answer(_world.JoinAsync(ids[1], "b"));
        Assert.Equal(3, (await Answer(back)).Generation);
    }

    [Fact]
    public async Task A_static_member_that_does_not_join_again_in_time_stays_until_its_session_ends()
    {
        Task<JoinAnswer> first = _world.Coordinator.JoinAsync(Wish(instanceId: "a") with { SessionTimeout = TimeSpan.FromMinutes(10) });
        await Answer(_world.SyncAsync((await Answer(first)).MemberId, 1));
        Task<JoinAnswer> second = _world.JoinAsync(instanceId: "b");

        _world.Pass(RebalanceTimeout);

        JoinAnswer leader = await Answer(second);
        Assert.Equal((2, 2), (leader.Generation, leader.Members.Count));
        Assert.Equal(leader.MemberId, leader.LeaderId);
    }

    [Fact]
    public async Task A_group_of_static_members_that_all_stay_away_waits_for_their_sessions()
    {
        TimeSpan session = TimeSpan.FromMinutes(5);
        JoinAnswer first = await Answer(_world.Coordinator.JoinAsync(Wish(instanceId: "a") with { SessionTimeout = session }));
        await Answer(_world.SyncAsync(first.MemberId, 1));
        Task<JoinAnswer> second = _world.JoinAsync(instanceId: "b");
        string secondId = (await Answer(_world.Coordinator.JoinAsync(Wish(first.MemberId, "a") with { SessionTimeout = session }))).MemberId;
        await Answer(second);
        Assert.Equal(ErrorCode.None, _world.Coordinator.Leave(GroupId, [new("", "b", null)]).Leavers.Single());
        _world.Pass(RebalanceTimeout);
        Assert.Equal(GroupState.PreparingRebalance, _world.Coordinator.Describe(GroupId)!.State);
        Assert.Equal(first.MemberId, secondId);

        _world.Pass(session);

        Assert.Equal(GroupState.Empty, _world.Coordinator.Describe(GroupId)!.State);
    }

    [Fact]
    public async Task A_replacement_is_known_after_a_crash_once_it_was_answered()
    {
        (int generation, string[] ids) = await _world.StableAsync("a", "b");
        _world.Log.HoldsFlush = true;
        Task<JoinAnswer> pending = _world.JoinAsync(instanceId: "b");
        Assert.False(pending.IsCompleted);
        _world.Log.Flush();
        JoinAnswer back = await Answer(pending);

        _world.Crash();

        Assert.Equal(ErrorCode.None, _world.Heartbeat(back.MemberId, generation, "b"));
        Assert.Equal(ErrorCode.FencedInstanceId, _world.Heartbeat(ids[1], generation, "b"));
        Assert.Equal([1], (await Answer(_world.SyncAsync(back.MemberId, generation))).Assignment);
    }

    [Fact]
    public async Task A_replacement_that_cannot_be_written_did_not_happen()
    {
        (int generation, string[] ids) = await _world.StableAsync("a", "b");
        _world.Log.Refusal = ErrorCode.KafkaStorageError;

        Assert.Equal(ErrorCode.NotCoordinator, (await Answer(_world.JoinAsync(instanceId: "b"))).Error);

        Assert.Equal(ErrorCode.None, _world.Heartbeat(ids[1], generation, "b"));
        Assert.Equal([1], (await Answer(_world.SyncAsync(ids[1], generation))).Assignment);
    }
}
