using Carousel.Broker.Groups;
using Carousel.Wire;
using static Carousel.Broker.Tests.Groups.GroupWorld;

namespace Carousel.Broker.Tests.Groups;

public sealed class SyncPhaseTests : IDisposable
{
    private readonly GroupWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Everybody_gets_what_the_leader_assigns_once_that_is_durable()
    {
        (JoinAnswer leader, JoinAnswer follower) = await JoinTwoAsync();
        _world.Log.HoldsFlush = true;
        Task<SyncAnswer> parked = _world.SyncAsync(follower.MemberId, follower.Generation);
        Task<SyncAnswer> assigning = _world.SyncAsync(leader.MemberId, leader.Generation, (leader.MemberId, 1), (follower.MemberId, 2));
        Assert.False(parked.IsCompleted || assigning.IsCompleted);
        Assert.Equal(GroupState.CompletingRebalance, _world.Coordinator.Describe(GroupId)!.State);

        _world.Log.Flush();

        SyncAnswer answer = await Answer(parked);
        Assert.Equal((ErrorCode.None, "consumer", "range"), (answer.Error, answer.ProtocolType, answer.ProtocolName));
        Assert.Equal([2], answer.Assignment);
        Assert.Equal([1], (await Answer(assigning)).Assignment);
        Assert.Equal(GroupState.Stable, _world.Coordinator.Describe(GroupId)!.State);
        Assert.Equal([2], (await Answer(_world.SyncAsync(follower.MemberId, follower.Generation))).Assignment);
    }

    [Fact]
    public async Task A_member_that_the_leader_forgot_gets_nothing()
    {
        (JoinAnswer leader, JoinAnswer follower) = await JoinTwoAsync();
        await Answer(_world.SyncAsync(leader.MemberId, leader.Generation, (leader.MemberId, 1)));

        Assert.Empty((await Answer(_world.SyncAsync(follower.MemberId, follower.Generation))).Assignment);
    }

    [Fact]
    public async Task Who_is_not_of_this_generation_is_told_so()
    {
        (JoinAnswer leader, _) = await JoinTwoAsync();

        Assert.Equal(ErrorCode.IllegalGeneration, (await Answer(_world.SyncAsync(leader.MemberId, leader.Generation - 1))).Error);
        Assert.Equal(ErrorCode.UnknownMemberId, (await Answer(_world.SyncAsync("somebody", leader.Generation))).Error);
        var elsewhere = new GroupSync(new GroupCaller("elsewhere", leader.MemberId, null, 1), new Dictionary<string, byte[]>(), null, null);
        Assert.Equal(ErrorCode.UnknownMemberId, (await Answer(_world.Coordinator.SyncAsync(elsewhere))).Error);
        Assert.Equal(ErrorCode.InvalidGroupId, (await Answer(_world.Coordinator.SyncAsync(elsewhere with { Caller = elsewhere.Caller with { GroupId = "" } }))).Error);
    }

    [Fact]
    public async Task A_member_that_assigns_by_another_protocol_is_refused()
    {
        (JoinAnswer leader, _) = await JoinTwoAsync();
        var sync = new GroupSync(Caller(leader.MemberId, leader.Generation), new Dictionary<string, byte[]>(), "consumer", "sticky");

        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await Answer(_world.Coordinator.SyncAsync(sync))).Error);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await Answer(_world.Coordinator.SyncAsync(sync with { ProtocolName = "range", ProtocolType = "connect" }))).Error);
    }

    [Fact]
    public async Task A_rebalance_ends_the_wait_for_an_assignment()
    {
        (JoinAnswer leader, JoinAnswer follower) = await JoinTwoAsync();
        Task<SyncAnswer> parked = _world.SyncAsync(follower.MemberId, follower.Generation);
        _ = _world.JoinAsync();

        Assert.Equal(ErrorCode.RebalanceInProgress, (await Answer(parked)).Error);
        Assert.Equal(ErrorCode.RebalanceInProgress, (await Answer(_world.SyncAsync(leader.MemberId, leader.Generation, (leader.MemberId, 1)))).Error);
    }

    [Fact]
    public async Task An_assignment_that_is_overtaken_by_a_rebalance_while_it_is_written_is_not_handed_out()
    {
        (JoinAnswer leader, JoinAnswer follower) = await JoinTwoAsync();
        _world.Log.HoldsFlush = true;
        Task<SyncAnswer> assigning = _world.SyncAsync(leader.MemberId, leader.Generation, (leader.MemberId, 1), (follower.MemberId, 2));
        _ = _world.JoinAsync();
        _world.Log.Flush();

        Assert.Equal(ErrorCode.RebalanceInProgress, (await Answer(assigning)).Error);
        Assert.Equal(GroupState.PreparingRebalance, _world.Coordinator.Describe(GroupId)!.State);
    }

    [Fact]
    public async Task An_assignment_that_cannot_be_written_is_asked_for_anew()
    {
        (JoinAnswer leader, JoinAnswer follower) = await JoinTwoAsync();
        Task<SyncAnswer> parked = _world.SyncAsync(follower.MemberId, follower.Generation);
        _world.Log.Refusal = ErrorCode.KafkaStorageError;

        Assert.Equal(ErrorCode.NotCoordinator, (await Answer(_world.SyncAsync(leader.MemberId, leader.Generation, (leader.MemberId, 1)))).Error);
        Assert.Equal(ErrorCode.NotCoordinator, (await Answer(parked)).Error);
        Assert.Equal(ErrorCode.RebalanceInProgress, _world.Heartbeat(follower.MemberId, follower.Generation));

        _world.Log.Refusal = ErrorCode.None;
        Task<JoinAnswer> again = _world.JoinAsync(follower.MemberId);
        leader = await Answer(_world.JoinAsync(leader.MemberId));
        Assert.Equal(leader.Generation, (await Answer(again)).Generation);
        Assert.Equal([1], (await Answer(_world.SyncAsync(leader.MemberId, leader.Generation, (leader.MemberId, 1)))).Assignment);
    }

    [Fact]
    public async Task When_the_broker_stops_everybody_who_is_parked_is_sent_to_look_for_the_coordinator()
    {
        (JoinAnswer leader, JoinAnswer follower) = await JoinTwoAsync();
        using var stop = new CancellationTokenSource();
        Task running = _world.Coordinator.RunAsync(stop.Token);
        Task<SyncAnswer> parkedSync = _world.SyncAsync(follower.MemberId, follower.Generation);
        await Answer(_world.Coordinator.JoinAsync(Wish() with { GroupId = "others" }));
        Task<JoinAnswer> parkedJoin = _world.Coordinator.JoinAsync(Wish() with { GroupId = "others" });

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(ErrorCode.NotCoordinator, (await Answer(parkedSync)).Error);
        Assert.Equal(ErrorCode.NotCoordinator, (await Answer(parkedJoin)).Error);
        Assert.Equal(ErrorCode.NotCoordinator, (await Answer(_world.JoinAsync(leader.MemberId))).Error);
    }

    private async Task<(JoinAnswer Leader, JoinAnswer Follower)> JoinTwoAsync()
    {
        string first = (await Answer(_world.JoinAsync())).MemberId;
        Task<JoinAnswer> second = _world.JoinAsync();
        return (await Answer(_world.JoinAsync(first)), await Answer(second));
    }
}
