using System.Text;
using Carousel.Broker.Groups;
using Carousel.Broker.StateTopics;
using Carousel.Broker.Tests.StateTopics;
using Carousel.Testing;
using Carousel.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Groups;

/// <summary>A group coordinator with a log in memory and a clock that the test moves. Deadlines pass on the test's own thread.</summary>
internal sealed class GroupWorld : IDisposable, ITransactionEnlistment
{
    public const string GroupId = "tellers";
    public static readonly TimeSpan Session = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan RebalanceTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly GroupOptions _options;

    public GroupWorld(GroupOptions? options = null)
    {
        _options = options ?? new GroupOptions();
        Coordinator = Open();
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000));

    public MemoryStateLog[] Logs { get; private set; } = [new(), new(), new(), new()];

    public GroupCoordinator Coordinator { get; private set; }

    /// <summary>What the transaction coordinator was asked to take on.</summary>
    public List<(string TransactionalId, ProducerStamp Producer, TopicPartition Partition)> Enlisted { get; } = [];

    public ErrorCode EnlistmentError { get; set; }

    public MemoryStateLog Log => Logs[LogPartition];

    /// <summary>Where <see cref="GroupId"/> is kept.</summary>
    public int LogPartition => new StateTopic("__consumer_offsets", Logs, Time).PartitionOf(GroupId);

    public ValueTask<ErrorCode> EnlistAsync(string transactionalId, ProducerStamp producer, TopicPartition partition)
    {
        Enlisted.Add((transactionalId, producer, partition));
        return new(EnlistmentError);
    }

    /// <summary>The broker loses power, and starts again on what is durable.</summary>
    public void Crash()
    {
        Coordinator.Dispose();
        Logs = [.. Logs.Select(log => log.Crash())];
        Coordinator = Open();
    }

    public void Pass(TimeSpan time)
    {
        Time.Advance(time);
        Coordinator.ExpireDue();
    }

    public static GroupJoin Wish(string memberId = "", string? instanceId = null, params string[] protocols) =>
        new(GroupId, memberId, instanceId, Group.ConsumerProtocolType, Protocols(protocols.Length == 0 ? ["range"] : protocols))
        {
            ClientId = "client",
            ClientHost = "/127.0.0.1",
            SessionTimeout = Session,
            RebalanceTimeout = RebalanceTimeout,
            SupportsSkippingAssignment = true,
        };

    /// <summary>Protocols whose metadata subscribes to the topic "orders".</summary>
    public static MemberProtocol[] Protocols(params string[] names) => [.. names.Select(name => new MemberProtocol(name, Subscription("orders")))];

    /// <summary>The metadata of a consumer that subscribes to the topics.</summary>
    public static byte[] Subscription(params string[] topics) =>
    [
        0, 0, .. BigEndian(topics.Length),
        .. topics.SelectMany(topic => (byte[])[0, (byte)topic.Length, .. Encoding.ASCII.GetBytes(topic)]),
        0xff, 0xff, 0xff, 0xff,
    ];

    public Task<JoinAnswer> JoinAsync(string memberId = "", string? instanceId = null, params string[] protocols) =>
        Coordinator.JoinAsync(Wish(memberId, instanceId, protocols));

    public Task<SyncAnswer> SyncAsync(string memberId, int generation, params (string MemberId, byte Assignment)[] assignments) => Coordinator.SyncAsync(
        new GroupSync(Caller(memberId, generation), assignments.ToDictionary(pair => pair.MemberId, pair => new[] { pair.Assignment }), null, null));

    public ErrorCode Heartbeat(string memberId, int generation, string? instanceId = null) => Coordinator.Heartbeat(Caller(memberId, generation, instanceId));

    public ErrorCode Leave(string memberId, string? instanceId = null) =>
        Coordinator.Leave(GroupId, [new Leaver(memberId, instanceId, Reason: null)]).Leavers.Single();

    public static GroupCaller Caller(string memberId = "", int generation = -1, string? instanceId = null) => new(GroupId, memberId, instanceId, generation);

    public static OffsetToCommit Offset(long offset, int partition = 0, string metadata = "", string topic = "orders") =>
        new(new TopicPartition(topic, partition), default, offset, -1, metadata);

    public async Task<ErrorCode> CommitAsync(GroupCaller caller, params OffsetToCommit[] offsets) =>
        (await Answer(Coordinator.CommitAsync(new OffsetCommit(caller, offsets)).AsTask(), "a commit")).Distinct().Single();

    public async Task<ErrorCode> CommitAsync(ProducerStamp producer, GroupCaller caller, params OffsetToCommit[] offsets)
    {
        var commit = new TransactionalOffsetCommit("pipeline", producer, caller, offsets, Enlists: false);
        return (await Answer(Coordinator.CommitAsync(commit).AsTask(), "a transactional commit")).Distinct().Single();
    }

    /// <summary>The producer's transaction ends in the group's partition: the marker first, and then the coordinator hears of it.</summary>
    public void End(ProducerStamp producer, bool isCommit)
    {
        long marker = Log.AppendMarker(producer, isCommit);
        Coordinator.OnTransactionEnded(LogPartition, producer.ProducerId, isCommit, marker);
    }

    /// <summary>What the group has committed for a partition of "orders": the offset, -1 where it has nothing, or the error.</summary>
    public async Task<object> FetchAsync(int partition = 0, bool requireStable = false)
    {
        OffsetToFetch[] wanted = [new(new TopicPartition("orders", partition), default)];
        (ErrorCode error, IReadOnlyList<FetchedOffset> offsets) =
            await Answer(Coordinator.FetchAsync(GroupId, wanted, requireStable).AsTask(), "a fetch of offsets");
        return error != ErrorCode.None ? error
            : offsets.Single().Error != ErrorCode.None ? offsets.Single().Error
            : offsets.Single().Committed?.Offset ?? -1L;
    }

    /// <summary>A group that is stable with one member for each name, whose member ids are returned in order. The first one leads.</summary>
    public async Task<(int Generation, string[] MemberIds)> StableAsync(params string?[] instanceIds)
    {
        string[] ids = [];
        JoinAnswer answer = new(ErrorCode.None, "");
        foreach (string? instanceId in instanceIds)
        {
            Task<JoinAnswer> newcomer = JoinAsync(instanceId: instanceId);
            Task<JoinAnswer>[] others = [.. ids.Zip(instanceIds, (id, instance) => JoinAsync(id, instance))];
            answer = await Answer(newcomer, "the newcomer's join");
            await Answer(Task.WhenAll(others), "the others' joins");
            ids = [.. ids, answer.MemberId];
        }

        (string Id, byte)[] assignments = [.. ids.Select((id, index) => (id, (byte)index))];
        await Answer(Task.WhenAll(ids.Reverse().Select(id => SyncAsync(id, answer.Generation, id == answer.LeaderId ? assignments : []))), "the assignment");
        return (answer.Generation, ids);
    }

    public static Task<T> Answer<T>(Task<T> task, string what = "the answer") => task.WithinAsync($"{what} came", Patience);

    public void Dispose() => Coordinator.Dispose();

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private GroupCoordinator Open() =>
        GroupCoordinator.Open(new StateTopic("__consumer_offsets", Logs, Time), _options, this, Time, NullLoggerFactory.Instance);
}
