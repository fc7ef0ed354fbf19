using Carousel.Broker.Tests.Groups;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>What the handlers of groups owe to connections.</summary>
public sealed class GroupHandlersTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HandlersBroker _broker = new();
    private readonly CancellationTokenSource _gone = new();

    public void Dispose()
    {
        _broker.Dispose();
        _gone.Dispose();
    }

    [Fact]
    public async Task A_parked_join_ends_with_its_connection_and_the_group_goes_on_without_it()
    {
        JoinGroupResponse leader = await JoinAsync("a");
        Task<JoinGroupResponse> parked = JoinAsync("b", connectionClosed: _gone.Token);
        await _gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => parked).WithinAsync("the parked join ended", Patience);

        JoinGroupResponse again = await JoinAsync("a", leader.MemberId).WithinAsync("the leader joined again", Patience);

        Assert.Equal((ErrorCode.None, 2, 2), (again.ErrorCode, again.GenerationId, again.Members.Length));
    }

    [Fact]
    public async Task A_leader_that_is_gone_while_its_assignment_is_written_has_assigned_all_the_same()
    {
        JoinGroupResponse leader = await JoinAsync("a");
        Task<JoinGroupResponse> joining = JoinAsync("b");
        leader = await JoinAsync("a", leader.MemberId);
        JoinGroupResponse follower = await joining.WithinAsync("the follower joined", Patience);
        _broker.Log.HoldsFlush = true;
        Task<SyncGroupResponse> parked = SyncAsync(follower.MemberId, [], CancellationToken.None);
        Task<SyncGroupResponse> assigning = SyncAsync(leader.MemberId, [(follower.MemberId, 7)], _gone.Token);
        await _gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => assigning).WithinAsync("the leader's request ended", Patience);

        _broker.Log.Flush();

        SyncGroupResponse answer = await parked.WithinAsync("the follower was assigned", Patience);
        Assert.Equal((ErrorCode.None, "07"), (answer.ErrorCode, Convert.ToHexString(answer.Assignment.Span)));
    }

    [Fact]
    public async Task Protocols_that_are_named_twice_count_once()
    {
        JoinGroupRequest.JoinGroupRequestProtocol range = new() { Name = "range", Metadata = GroupScenario.GroupSubscription };
        var request = new JoinGroupRequest { GroupId = GroupWorld.GroupId, SessionTimeoutMs = 10_000, ProtocolType = "consumer", Protocols = [range, range] };
        JoinGroupResponse first = await _broker.SendAsync<JoinGroupRequest, JoinGroupResponse>("a", 3, request);
        Assert.Equal("range", first.ProtocolName);

        Task<JoinGroupResponse> second = JoinAsync("b");
        request.MemberId = first.MemberId;
        await _broker.SendAsync<JoinGroupRequest, JoinGroupResponse>("a", 3, request);

        Assert.Equal((ErrorCode.None, "range"), ((await second).ErrorCode, (await second).ProtocolName));
    }

    private Task<JoinGroupResponse> JoinAsync(string client, string memberId = "", CancellationToken connectionClosed = default) =>
        _broker.SendAsync<JoinGroupRequest, JoinGroupResponse>(
            client,
            3,
            new JoinGroupRequest
            {
                GroupId = GroupWorld.GroupId,
                MemberId = memberId,
                SessionTimeoutMs = 10_000,
                RebalanceTimeoutMs = 60_000,
                ProtocolType = "consumer",
                Protocols = [new() { Name = "range", Metadata = GroupScenario.GroupSubscription }],
            },
            connectionClosed);

    private Task<SyncGroupResponse> SyncAsync(string memberId, (string MemberId, byte Assignment)[] assignments, CancellationToken connectionClosed) =>
        _broker.SendAsync<SyncGroupRequest, SyncGroupResponse>(
            memberId,
            3,
            new SyncGroupRequest
            {
                GroupId = GroupWorld.GroupId,
                MemberId = memberId,
                GenerationId = 2,
                Assignments = [.. assignments.Select(pair => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = pair.MemberId, Assignment = new[] { pair.Assignment } })],
            },
            connectionClosed);
}
