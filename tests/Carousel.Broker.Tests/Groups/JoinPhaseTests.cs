using Carousel.Broker.Groups;
using Carousel.Wire;
using static Carousel.Broker.Tests.Groups.GroupWorld;

namespace Carousel.Broker.Tests.Groups;

public sealed class JoinPhaseTests : IDisposable
{
    private readonly GroupWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task The_first_member_leads_the_first_generation_at_once()
    {
        JoinAnswer answer = await Answer(_world.JoinAsync());

        Assert.Equal((ErrorCode.None, 1), (answer.Error, answer.Generation));
        Assert.Equal(answer.MemberId, answer.LeaderId);
        Assert.StartsWith("client-", answer.MemberId, StringComparison.Ordinal);
        Assert.Equal(("consumer", "range"), (answer.ProtocolType, answer.ProtocolName));
        Assert.Equal(answer.MemberId, answer.Members.Single().MemberId);
        Assert.Equal(Subscription("orders"), answer.Members.Single().Metadata);
    }

    [Fact]
    public async Task A_dynamic_member_is_told_its_id_before_it_joins_with_it()
    {
        JoinAnswer told = await Answer(_world.Coordinator.JoinAsync(Wish() with { RequiresKnownMemberId = true }));
        Assert.Equal((ErrorCode.MemberIdRequired, -1), (told.Error, told.Generation));

        JoinAnswer joined = await Answer(_world.Coordinator.JoinAsync(Wish(told.MemberId) with { RequiresKnownMemberId = true }));
        Assert.Equal((ErrorCode.None, told.MemberId), (joined.Error, joined.MemberId));
    }

    [Fact]
    public async Task An_id_that_was_given_out_holds_a_rebalance_until_it_joins()
    {
        (_, string[] ids) = await _world.StableAsync(new string?[1]);
        JoinAnswer told = await Answer(_world.Coordinator.JoinAsync(Wish() with { RequiresKnownMemberId = true }));

        Task<JoinAnswer> leader = _world.JoinAsync(ids[0]);
        Assert.False(leader.IsCompleted);
        Task<JoinAnswer> newcomer = _world.JoinAsync(told.MemberId);

        Assert.Equal(2, (await Answer(leader)).Members.Count);
        Assert.Empty((await Answer(newcomer)).Members);
    }

    [Fact]
    public async Task An_id_that_nobody_joins_with_is_forgotten_after_the_session_and_leaves_no_group_behind()
    {
        JoinAnswer told = await Answer(_world.Coordinator.JoinAsync(Wish() with { RequiresKnownMemberId = true }));
        Assert.NotNull(_world.Coordinator.Describe(GroupId));

        _world.Pass(Session);

        Assert.Null(_world.Coordinator.Describe(GroupId));
        Assert.Equal(ErrorCode.UnknownMemberId, (await Answer(_world.JoinAsync(told.MemberId))).Error);
    }

    [Fact]
    public async Task A_member_id_is_made_up_by_the_coordinator_alone()
    {
        Assert.Equal(ErrorCode.UnknownMemberId, (await Answer(_world.JoinAsync("mine"))).Error);
        await _world.StableAsync(new string?[1]);
        Assert.Equal(ErrorCode.UnknownMemberId, (await Answer(_world.JoinAsync("mine"))).Error);
    }

    [Theory]
    [InlineData(5.999, ErrorCode.InvalidSessionTimeout)]
    [InlineData(6, ErrorCode.None)]
    [InlineData(1800, ErrorCode.None)]
    [InlineData(1800.001, ErrorCode.InvalidSessionTimeout)]
    public async Task A_session_is_neither_too_short_nor_too_long(double seconds, ErrorCode expected)
    {
        Assert.Equal(expected, (await Answer(_world.Coordinator.JoinAsync(Wish() with { SessionTimeout = TimeSpan.FromSeconds(seconds) }))).Error);
    }

    [Fact]
    public async Task A_group_needs_an_id_and_a_member_something_to_be_in_it_for()
    {
        Assert.Equal(ErrorCode.InvalidGroupId, (await Answer(_world.Coordinator.JoinAsync(Wish() with { GroupId = "" }))).Error);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await Answer(_world.Coordinator.JoinAsync(Wish() with { ProtocolType = "" }))).Error);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await Answer(_world.Coordinator.JoinAsync(Wish() with { Protocols = [] }))).Error);
        Assert.Empty(_world.Coordinator.List());
    }

    [Fact]
    public async Task A_member_that_has_nothing_in_common_with_the_others_is_refused()
    {
        await _world.StableAsync(new string?[1]);

        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await Answer(_world.JoinAsync(protocols: "sticky"))).Error);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await Answer(_world.Coordinator.JoinAsync(Wish() with { ProtocolType = "connect" }))).Error);
    }

    [Fact]
    public async Task The_protocol_that_all_support_and_most_prefer_is_chosen()
    {
        JoinAnswer first = await Answer(_world.JoinAsync(protocols: ["sticky", "range", "roundrobin"]));
        Assert.Equal("sticky", first.ProtocolName);

        Task<JoinAnswer> second = _world.JoinAsync(protocols: ["roundrobin", "range"]);
        Task<JoinAnswer> third = _world.JoinAsync(protocols: ["range", "roundrobin"]);
        JoinAnswer again = await Answer(_world.JoinAsync(first.MemberId, null, "sticky", "range", "roundrobin"));

        Assert.Equal("range", again.ProtocolName);
        Assert.Equal("range", (await Answer(second)).ProtocolName);
        Assert.Equal((2, again.MemberId, 0), ((await Answer(third)).Generation, (await Answer(third)).LeaderId, (await Answer(third)).Members.Count));
    }

    [Fact]
    public async Task A_member_that_missed_the_answer_gets_it_again_while_the_assignment_is_awaited()
    {
        JoinAnswer first = await Answer(_world.JoinAsync());
        JoinAnswer again = await Answer(_world.JoinAsync(first.MemberId));

        Assert.Equal((first.Generation, first.LeaderId, 1), (again.Generation, again.LeaderId, again.Members.Count));
    }

    [Fact]
    public async Task A_follower_that_joins_with_the_same_words_disturbs_nobody_and_a_leader_does()
    {
        (int generation, string[] ids) = await _world.StableAsync(null, null);

        JoinAnswer follower = await Answer(_world.JoinAsync(ids[1]));
        Assert.Equal((ErrorCode.None, generation, GroupState.Stable), (follower.Error, follower.Generation, _world.Coordinator.Describe(GroupId)!.State));

        Task<JoinAnswer> leader = _world.JoinAsync(ids[0]);
        Assert.Equal(GroupState.PreparingRebalance, _world.Coordinator.Describe(GroupId)!.State);
        await Answer(_world.JoinAsync(ids[1]));
        Assert.Equal(generation + 1, (await Answer(leader)).Generation);
    }

    [Fact]
    public async Task A_follower_with_something_else_to_say_starts_a_rebalance()
    {
        (int generation, string[] ids) = await _world.StableAsync(null, null);

        Task<JoinAnswer> follower = _world.Coordinator.JoinAsync(Wish(ids[1]) with { Protocols = [new("range", Subscription("orders", "refunds"))] });
        Assert.Equal(ErrorCode.RebalanceInProgress, _world.Heartbeat(ids[0], generation));
        JoinAnswer leader = await Answer(_world.JoinAsync(ids[0]));

        Assert.Equal(Subscription("orders", "refunds"), leader.Members.Single(member => member.MemberId == ids[1]).Metadata);
        Assert.Equal(generation + 1, (await Answer(follower)).Generation);
    }

    [Fact]
    public async Task Two_joins_of_one_member_leave_one_parked_and_send_the_other_back()
    {
        (_, string[] ids) = await _world.StableAsync(null, null);
        Task<JoinAnswer> first = _world.JoinAsync(ids[0]);
        Task<JoinAnswer> second = _world.JoinAsync(ids[0]);

        Assert.Equal(ErrorCode.RebalanceInProgress, (await Answer(first)).Error);
        await Answer(_world.JoinAsync(ids[1]));
        Assert.Equal(ErrorCode.None, (await Answer(second)).Error);
    }

    [Fact]
    public async Task A_client_whose_id_is_too_long_for_a_member_id_gets_one_that_begins_with_it()
    {
        string clientId = new string('x', 254) + "😀" + new string('y', 30_000);
        JoinAnswer answer = await Answer(_world.Coordinator.JoinAsync(Wish() with { ClientId = clientId }));

        Assert.Equal($"{clientId[..254]}-".Length + 36, answer.MemberId.Length);
        Assert.StartsWith($"{clientId[..254]}-", answer.MemberId, StringComparison.Ordinal);
    }
}
