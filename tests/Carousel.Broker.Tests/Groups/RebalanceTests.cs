using Carousel.Broker.Groups;
using Carousel.Wire;
using static Carousel.Broker.Tests.Groups.GroupWorld;

namespace Carousel.Broker.Tests.Groups;

public sealed class RebalanceTests : IDisposable
{
    private GroupWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Who_does_not_join_again_in_time_is_out()
    {
        (int generation, string[] ids) = await _world.StableAsync(null, null);
        Task<JoinAnswer> newcomer = _world.JoinAsync();
        Task<JoinAnswer> follower = _world.JoinAsync(ids[1]);
        for (TimeSpan passed = TimeSpan.Zero; passed < RebalanceTimeout; passed += Session / 2)
        {
            Assert.Equal(ErrorCode.RebalanceInProgress, _world.Heartbeat(ids[0], generation));
            Assert.False(newcomer.IsCompleted);
            _world.Pass(Session / 2);
        }

        JoinAnswer answer = await Answer(follower);
        Assert.Equal((ErrorCode.None, generation + 1), (answer.Error, answer.Generation));
        JoinAnswer joined = await Answer(newcomer);
        Assert.Equal(answer.Generation, joined.Generation);
        Assert.Contains(answer.LeaderId, new[] { ids[1], joined.MemberId });
        Assert.Equal(ErrorCode.UnknownMemberId, _world.Heartbeat(ids[0], generation));
    }

    [Fact]
    public async Task The_longest_rebalance_timeout_of_all_members_counts()
    {
        JoinAnswer patient = await Answer(_world.Coordinator.JoinAsync(Wish() with { RebalanceTimeout = TimeSpan.FromSeconds(100), SessionTimeout = TimeSpan.FromMinutes(5) }));
        await Answer(_world.SyncAsync(patient.MemberId, 1));
        Task<JoinAnswer> newcomer = _world.JoinAsync();

        _world.Pass(TimeSpan.FromSeconds(99));
        Assert.False(newcomer.IsCompleted);
        _world.Pass(TimeSpan.FromSeconds(1));

        JoinAnswer answer = await Answer(newcomer);
        Assert.Equal(answer.MemberId, answer.LeaderId);
    }

    [Fact]
    public async Task A_new_group_waits_for_others_as_long_as_it_is_told_and_once_more_for_each_that_came()
    {
        _world.Dispose();
        _world = new GroupWorld(new GroupOptions { InitialRebalanceDelay = TimeSpan.FromSeconds(3) });
        Task<JoinAnswer> first = _world.JoinAsync();
        _world.Pass(TimeSpan.FromSeconds(2));
        Task<JoinAnswer> second = _world.JoinAsync();
        _world.Pass(TimeSpan.FromSeconds(1));
        Assert.False(first.IsCompleted);

        _world.Pass(TimeSpan.FromSeconds(3));

        JoinAnswer leader = await Answer(first);
        Assert.Equal((1, 2), (leader.Generation, leader.Members.Count));
        Assert.Equal(1, (await Answer(second)).Generation);
    }

    [Fact]
    public async Task A_new_group_that_grows_all_the_time_waits_no_longer_than_its_members_would()
    {
        _world.Dispose();
        _world = new GroupWorld(new GroupOptions { InitialRebalanceDelay = TimeSpan.FromSeconds(3) });
        Task<JoinAnswer> first = _world.JoinAsync();
        TimeSpan waited = TimeSpan.Zero;
        while (waited < RebalanceTimeout)
        {
            _ = _world.JoinAsync();
            _world.Pass(TimeSpan.FromSeconds(3));
            waited += TimeSpan.FromSeconds(3);
        }

        Assert.Equal(21, (await Answer(first)).Members.Count);
    }

    [Fact]
    public async Task Who_does_not_ask_for_the_assignment_in_time_is_out()
    {
        (_, string[] ids) = await _world.StableAsync(null, null);
        Task<JoinAnswer> newcomer = _world.JoinAsync();
        Task<JoinAnswer> follower = _world.JoinAsync(ids[1]);
        JoinAnswer leader = await Answer(_world.JoinAsync(ids[0]));
        int generation = leader.Generation;
        Task<SyncAnswer> sync = _world.SyncAsync(ids[1], generation);
        await Answer(follower);
        string newcomerId = (await Answer(newcomer)).MemberId;
        for (TimeSpan passed = TimeSpan.Zero; passed < RebalanceTimeout; passed += Session / 2)
        {
            Assert.Equal(ErrorCode.None, _world.Heartbeat(ids[0], generation));
            Assert.Equal(ErrorCode.None, _world.Heartbeat(newcomerId, generation));
            _world.Pass(Session / 2);
        }

        Assert.Equal(ErrorCode.RebalanceInProgress, (await Answer(sync)).Error);
        JoinAnswer survivor = await Answer(_world.JoinAsync(ids[1]));
        Assert.Equal((generation + 1, 1), (survivor.Generation, survivor.Members.Count));
    }

    [Fact]
    public async Task A_group_takes_no_more_members_than_it_may()
    {
        _world.Dispose();
        _world = new GroupWorld(new GroupOptions { MembersMax = 2 });
        (int generation, string[] ids) = await _world.StableAsync(null, null);

        Assert.Equal(ErrorCode.GroupMaxSizeReached, (await Answer(_world.JoinAsync())).Error);
        Assert.Equal(generation, (await Answer(_world.JoinAsync(ids[1]))).Generation);

        Task<JoinAnswer> leader = _world.JoinAsync(ids[0]);
        Task<JoinAnswer> newcomer = _world.JoinAsync();
        Assert.Equal(ErrorCode.GroupMaxSizeReached, (await Answer(_world.JoinAsync(ids[1]))).Error);
        Assert.Equal([ids[0], (await Answer(newcomer)).MemberId], (await Answer(leader)).Members.Select(member => member.MemberId));
    }

    [Fact]
    public async Task Thousands_of_members_are_one_generation()
    {
        const int Members = 5000;
        string first = (await Answer(_world.JoinAsync())).MemberId;
        Task<JoinAnswer>[] others = [.. Enumerable.Range(1, Members - 1).Select(_ => _world.JoinAsync())];
        JoinAnswer leader = await Answer(_world.JoinAsync(first));
        JoinAnswer[] answers = await Answer(Task.WhenAll(others));
        Assert.Equal((2, Members), (leader.Generation, leader.Members.Count));
        Assert.All(answers, answer => Assert.Equal((2, first), (answer.Generation, answer.LeaderId)));

        Task<SyncAnswer>[] syncs = [.. answers.Select(answer => _world.SyncAsync(answer.MemberId, 2))];
        await Answer(_world.SyncAsync(first, 2, [.. answers.Select(answer => (answer.MemberId, (byte)7))]));
        Assert.All(await Answer(Task.WhenAll(syncs)), answer => Assert.Equal([7], answer.Assignment));

        // All but the first fall silent, and go one by one without anybody waiting for the next.
        _world.Pass(Session / 2);
        Assert.Equal(ErrorCode.None, _world.Heartbeat(first, 2));
        _world.Pass(Session / 2);
        Assert.Single(_world.Coordinator.Describe(GroupId)!.Members);
    }
}
