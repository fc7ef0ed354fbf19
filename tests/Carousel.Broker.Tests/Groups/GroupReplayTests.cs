using Carousel.Broker.Groups;
using Carousel.Broker.StateTopics;
using Carousel.Wire;
using static Carousel.Broker.Tests.Groups.GroupWorld;

namespace Carousel.Broker.Tests.Groups;

public sealed class GroupReplayTests : IDisposable
{
    private readonly GroupWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Members_find_their_generation_after_a_restart_and_nobody_rebalances()
    {
        (int generation, string[] ids) = await _world.StableAsync("a", null, null);
        DescribedGroup before = _world.Coordinator.Describe(GroupId)!;

        _world.Crash();

        DescribedGroup after = _world.Coordinator.Describe(GroupId)!;
        Assert.Equal((before.State, before.ProtocolType, before.Protocol), (after.State, after.ProtocolType, after.Protocol));
        Assert.Equal(before.Members.Select(member => member.Identity), after.Members.Select(member => member.Identity));
        Assert.All(before.Members.Zip(after.Members), pair =>
        {
            Assert.Equal(pair.First.Metadata, pair.Second.Metadata);
            Assert.Equal(pair.First.Assignment, pair.Second.Assignment);
        });
        Assert.Equal(ErrorCode.None, _world.Heartbeat(ids[0], generation, "a"));
        Assert.Equal(ErrorCode.None, await _world.CommitAsync(Caller(ids[1], generation), Offset(5)));
        Assert.Equal([2], (await Answer(_world.SyncAsync(ids[2], generation))).Assignment);
        Assert.Equal(generation, (await Answer(_world.JoinAsync(ids[1]))).Generation);
    }

    [Fact]
    public async Task Members_get_a_whole_session_to_be_heard_of_after_a_restart()
    {
        (int generation, string[] ids) = await _world.StableAsync(null, null);
        _world.Pass(Session - TimeSpan.FromTicks(1));
        _world.Crash();
        _world.Pass(Session - TimeSpan.FromTicks(1));
        Assert.Equal(ErrorCode.None, _world.Heartbeat(ids[0], generation));

        _world.Pass(TimeSpan.FromTicks(1));

        Assert.Equal(ErrorCode.RebalanceInProgress, _world.Heartbeat(ids[0], generation));
        Assert.Equal(ErrorCode.UnknownMemberId, _world.Heartbeat(ids[1], generation));
    }

    [Fact]
    public async Task A_generation_that_nobody_was_assigned_anything_in_never_was()
    {
        (int generation, string[] ids) = await _world.StableAsync(null, null);
        Task<JoinAnswer> leader = _world.JoinAsync(ids[0]);
        await Answer(_world.JoinAsync(ids[1]));
        Assert.Equal(generation + 1, (await Answer(leader)).Generation);
        _world.Log.HoldsFlush = true;
        _ = _world.SyncAsync(ids[0], generation + 1, (ids[0], 9));

        _world.Crash();

        Assert.Equal(ErrorCode.IllegalGeneration, _world.Heartbeat(ids[0], generation + 1));
        Assert.Equal(ErrorCode.IllegalGeneration, (await Answer(_world.SyncAsync(ids[1], generation + 1))).Error);
        Assert.Equal([1], (await Answer(_world.SyncAsync(ids[1], generation))).Assignment);
    }

    [Fact]
    public async Task A_group_that_has_become_too_large_makes_room()
    {
        (int generation, string[] ids) = await _world.StableAsync(null, null);
        using GroupCoordinator smaller = GroupCoordinator.Open(
            new StateTopic("__consumer_offsets", _world.Logs, _world.Time),
            new GroupOptions { MembersMax = 1 },
            _world,
            _world.Time,
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);

        Assert.Equal(ErrorCode.RebalanceInProgress, smaller.Heartbeat(Caller(ids[0], generation)));
        Task<JoinAnswer> first = smaller.JoinAsync(Wish(ids[1]));
        Assert.Equal(ErrorCode.GroupMaxSizeReached, (await Answer(smaller.JoinAsync(Wish(ids[0])))).Error);
        Assert.Equal(ids[1], (await Answer(first)).LeaderId);
    }

    [Fact]
    public async Task Records_of_other_kinds_are_passed_over()
    {
        _world.Log.Append(new Wire.Records.RecordBatchBuilder(0).Add([0, 3, 0, 1, (byte)'g'], [0, 0]).Add([], [1]).Add(null, [1]).Build());
        await _world.CommitAsync(Caller(), Offset(5));

        _world.Crash();

        Assert.Equal(5L, await _world.FetchAsync());
    }

    [Fact]
    public void A_record_that_nobody_could_have_written_is_named()
    {
        byte[] key = GroupRecords.GroupTombstone(GroupId).Key;
        _world.Log.Append(new Wire.Records.RecordBatchBuilder(0).Add(key, [0, 3, 0]).Build());
        Assert.StartsWith(
            $"The record at offset 0 of __consumer_offsets-{_world.LogPartition} can't be read: ",
            Assert.Throws<InvalidDataException>(_world.Crash).Message,
            StringComparison.Ordinal);

        _world.Log.Append(new Wire.Records.RecordBatchBuilder(0).Add(key, [0, 9]).Build());
        Assert.Throws<InvalidDataException>(_world.Crash);
    }
}
