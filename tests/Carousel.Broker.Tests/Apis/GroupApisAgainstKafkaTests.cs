using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>The same requests to Apache Kafka and to the handlers, in the versions of several ages: both give the same answers, field by field.</summary>
public sealed class GroupApisAgainstKafkaTests
{
    /// <summary>Versions 0 to 10 of every API, as far as it has them.</summary>
    private static readonly short[] Ages = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    private static readonly (string Name, Func<GroupScenario, Task> Play)[] Scenarios =
    [
        ("life of a group", LifeOfAGroupAsync),
        ("static members", StaticMembersAsync),
        ("what is refused", RefusalsAsync),
        ("offsets", OffsetsAsync),
        ("transactions", TransactionsAsync),
        ("transactions that aren't", NoTransactionsAsync),
    ];

    [Fact]
    public async Task Handlers_over_a_log_in_memory_and_the_whole_broker_answer_as_Kafka_does()
    {
        await using SocketBroker kafka = await SocketBroker.StartKafkaOrSkipAsync();
        await using SocketBroker ours = await SocketBroker.StartOursAsync();
        using var handlers = new HandlersBroker();
        List<string> differences = [];
        foreach (short age in Ages)
        {
            foreach ((string name, Func<GroupScenario, Task> play) in Scenarios)
            {
                List<string> expected = await PlayAsync(kafka, age, name, play);
                Assert.NotEmpty(expected);
                foreach (IBrokerUnderTest broker in play == NoTransactionsAsync ? [ours] : (IBrokerUnderTest[])[ours, handlers])
                {
                    List<string> actual = await PlayAsync(broker, age, name, play);
                    Assert.Equal(expected.Count, actual.Count);
                    differences.AddRange(expected.Zip(actual).Where(pair => pair.First != pair.Second).Select(pair => $"{name}: Kafka {pair.First}, {broker} {pair.Second}"));
                }
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static async Task<List<string>> PlayAsync(IBrokerUnderTest broker, short age, string name, Func<GroupScenario, Task> play)
    {
        var scenario = new GroupScenario(broker, age, $"{name}, {age}");
        scenario.Name(broker.OrdersId.ToString(), "orders");
        await play(scenario);
        return scenario.Notes;
    }

    private static async Task LifeOfAGroupAsync(GroupScenario play)
    {
        await play.SendAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new() { Key = play.Group, CoordinatorKeys = [play.Group, "another"] });
        JoinGroupResponse a = await play.NoteAsync("a", await play.JoinAsNewAsync("a"));
        await play.DescribeAsync();
        await play.HeartbeatAsync(a.MemberId, 1);
        await play.CommitAsync(a.MemberId, 1, 5);
        await play.NoteAsync(play.SyncAsync("a", a.MemberId, 1, (a.MemberId, 1)));
        await play.DescribeAsync();
        await play.NoteAsync(play.SyncAsync("a", a.MemberId, 1));
        await play.HeartbeatAsync(a.MemberId, 1);
        await play.CommitAsync(a.MemberId, 1, 6);

        Task<JoinGroupResponse> joiningB = await play.JoinAsNewAsync("b");
        await play.UntilAsync("PreparingRebalance");
        await play.HeartbeatAsync(a.MemberId, 1);
        await play.CommitAsync(a.MemberId, 1, 7);
        await play.NoteAsync(play.SyncAsync("a", a.MemberId, 1));
        Task<JoinGroupResponse> rejoiningA = play.JoinAsync("a", a.MemberId);
        JoinGroupResponse b = await play.NoteAsync("b", joiningB);
        await play.NoteAsync("a", rejoiningA);
        await play.CommitAsync(a.MemberId, 2, 8);
        Task<SyncGroupResponse> parked = play.SyncAsync("b", b.MemberId, 2);
        await play.NoteAsync(play.SyncAsync("a", a.MemberId, 2, (a.MemberId, 1), (b.MemberId, 2)));
        await play.NoteAsync(parked);
        await play.NoteAsync("b", play.JoinAsync("b", b.MemberId));
        await play.HeartbeatAsync(b.MemberId, 1);
        await play.SendAsync<DeleteGroupsRequest, DeleteGroupsResponse>(new() { GroupsNames = [play.Group, "nobody", play.Group] });

        await play.LeaveAsync((b.MemberId, null), ("nobody", null));
        await play.UntilAsync("PreparingRebalance");
        await play.NoteAsync("a", play.JoinAsync("a", a.MemberId));
        await play.NoteAsync(play.SyncAsync("a", a.MemberId, 3, (a.MemberId, 1)));
        await play.LeaveAsync((a.MemberId, null));
        await play.DescribeAsync();
        await play.FetchAsync(play.Group, requireStable: true, play.VersionOf<OffsetFetchRequest>() < 2 ? [("orders", 0)] : null);
        await play.SendAsync<DeleteGroupsRequest, DeleteGroupsResponse>(new() { GroupsNames = [play.Group] });
        await play.DescribeAsync();
    }

    private static async Task StaticMembersAsync(GroupScenario play)
    {
        if (play.VersionOf<JoinGroupRequest>() < 5)
        {
            await play.LeaveAsync(("nobody", null));
            return;
        }

        JoinGroupResponse a = await play.NoteAsync("a", play.JoinAsync("a", instanceId: "instance-a"));
        await play.NoteAsync(play.SyncAsync("a", a.MemberId, 1, (a.MemberId, 1)));
        JoinGroupResponse again = await play.NoteAsync("a2", play.JoinAsync("a", instanceId: "instance-a"));
        await play.DescribeAsync();
        await play.HeartbeatAsync(a.MemberId, 1, "instance-a");
        await play.HeartbeatAsync(again.MemberId, 1, "instance-a");
        await play.HeartbeatAsync(again.MemberId, 1, "instance-b");
        await play.NoteAsync("a", play.JoinAsync("a", a.MemberId, "instance-a"));
        await play.NoteAsync(play.SyncAsync("a", again.MemberId, 1));
        await play.LeaveAsync((a.MemberId, "instance-a"), ("", "instance-b"), ("", null), ("nobody", null));
        JoinGroupResponse changed = await play.NoteAsync("a3", play.JoinAsync("a", "", "instance-a", "sticky", "range"));
        await play.LeaveAsync(("", "instance-a"));
        await play.DescribeAsync();
        await play.HeartbeatAsync(changed.MemberId, 2, "instance-a");
    }

    private static async Task RefusalsAsync(GroupScenario play)
    {
        await play.SendAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new() { Key = "t", CoordinatorKeys = ["t"], KeyType = 1 });
        await play.NoteAsync("x", play.JoinAsync("x", "made-up"));
        await play.SendAsync<JoinGroupRequest, JoinGroupResponse>(new() { GroupId = "", SessionTimeoutMs = 30_000, ProtocolType = "consumer" });
        await play.SendAsync<JoinGroupRequest, JoinGroupResponse>(new() { GroupId = play.Group, SessionTimeoutMs = 5_999, ProtocolType = "consumer" });
        await play.NoteAsync(play.SyncAsync("x", "made-up", 1));
        await play.HeartbeatAsync("made-up", 1);
        await play.LeaveAsync(("made-up", null));
        await play.CommitAsync("made-up", 1, 5);
        await play.SendAsync<HeartbeatRequest, HeartbeatResponse>(new() { GroupId = "", MemberId = "x" });
        await play.SendAsync<LeaveGroupRequest, LeaveGroupResponse>(new() { GroupId = "", MemberId = "x", Members = [new() { MemberId = "x" }] });
        await play.SendAsync<SyncGroupRequest, SyncGroupResponse>(new() { GroupId = "", MemberId = "x", ProtocolType = "consumer", ProtocolName = "range" });
        await play.SendAsync<SyncGroupRequest, SyncGroupResponse>(new() { GroupId = play.Group, MemberId = "x" });
        await play.SendAsync<JoinGroupRequest, JoinGroupResponse>(new() { GroupId = play.Group, SessionTimeoutMs = 30_000, ProtocolType = "consumer" });
        JoinGroupResponse a = await play.NoteAsync("a", await play.JoinAsNewAsync("a"));
        await play.NoteAsync("x", play.JoinAsync("x", "", null, "sticky"));
        await play.NoteAsync("x", play.JoinAsync("x", "made-up"));
        await play.NoteAsync(play.SyncAsync("x", "made-up", 1));
        await play.NoteAsync(play.SyncAsync("x", a.MemberId, 2));
        await play.HeartbeatAsync("made-up", 1);
        await play.HeartbeatAsync(a.MemberId, 0);
        await play.CommitAsync("made-up", 1, 5);
        await play.CommitAsync(a.MemberId, 0, 5);
        await play.CommitAsync("", -1, 5);
        await play.SendAsync<OffsetDeleteRequest, OffsetDeleteResponse>(new() { GroupId = "nobody", Topics = [new() { Name = "orders", Partitions = [new()] }] });
        await play.SendAsync<OffsetDeleteRequest, OffsetDeleteResponse>(new() { GroupId = "", Topics = [new() { Name = "orders", Partitions = [new()] }] });
    }

    private static async Task OffsetsAsync(GroupScenario play)
    {
        await play.FetchAsync(wanted: [("orders", 0), ("orders", 1)]);
        await play.CommitAsync("", -1, 5);
        await play.CommitAsync("", -1, 6, partition: 1, metadata: null);
        await play.CommitAsync("", -1, 7, partition: 2);
        await play.CommitAsync("", -1, 8, topic: "unheard-of");
        await play.CommitAsync("", -1, 9, metadata: new string('ä', 4097));
        await play.CommitAsync("", -1, 10, metadata: new string('ä', 4096));
        await play.CommitAsync("", 3, 11);
        await play.FetchAsync(requireStable: true, ("orders", 0), ("orders", 1), ("orders", 7), ("unheard-of", 0));
        await play.FetchAsync("nobody", requireStable: false, [("orders", 0)]);
        await play.DescribeAsync();
        await play.SendAsync<OffsetDeleteRequest, OffsetDeleteResponse>(new()
        {
            GroupId = play.Group,
            Topics = [new() { Name = "orders", Partitions = [new(), new() { PartitionIndex = 9 }] }, new() { Name = "unheard-of", Partitions = [new()] }],
        });
        await play.FetchAsync(play.Group, requireStable: false, play.VersionOf<OffsetFetchRequest>() < 2 ? [("orders", 0)] : null);
        ListGroupsResponse list = await play.Broker.SendAsync<ListGroupsRequest, ListGroupsResponse>(
            "admin", play.VersionOf<ListGroupsRequest>(), new() { StatesFilter = ["empty"], TypesFilter = ["CLASSIC"] });
        play.Note(0, ApiKey.ListGroups, list.Groups.Single(group => group.GroupId == play.Group));
        await play.SendAsync<ListGroupsRequest, ListGroupsResponse>(new() { StatesFilter = ["no such"] });
        await play.SendAsync<DeleteGroupsRequest, DeleteGroupsResponse>(new() { GroupsNames = [play.Group] });
    }

    private static async Task TransactionsAsync(GroupScenario play)
    {
        (string, int)[] both = [("orders", 0), ("orders", 1)];
        await play.CommitAsync("", -1, 5);
        ProducerStamp producer = await play.Broker.BeginTransactionAsync(play.Group, play.Group);
        await play.CommitAsync(producer, "", -1, 20);
        await play.CommitAsync(producer, "", -1, 21, partition: 1);
        await play.CommitAsync(producer, "", -1, 22, partition: 7);
        await play.FetchAsync(requireStable: true, both);
        await play.FetchAsync(requireStable: false, both);
        await play.CommitAsync("", -1, 30);
        await play.Broker.EndTransactionAsync(play.Group, producer, play.Group, isCommit: true);
        await play.FetchAsync(requireStable: true, both);

        producer = await play.Broker.BeginTransactionAsync(play.Group, play.Group);
        await play.CommitAsync(producer, "", -1, 40);
        await play.Broker.EndTransactionAsync(play.Group, producer, play.Group, isCommit: false);
        await play.FetchAsync(requireStable: true, both);

        JoinGroupResponse a = await play.NoteAsync("a", await play.JoinAsNewAsync("a"));
        producer = await play.Broker.BeginTransactionAsync(play.Group, play.Group);
        await play.CommitAsync(producer, a.MemberId, 1, 50);
        await play.CommitAsync(producer, a.MemberId, 0, 51);
        await play.CommitAsync(producer, "made-up", 1, 52);
        await play.CommitAsync(producer, "", -1, 53);
        await play.Broker.EndTransactionAsync(play.Group, producer, play.Group, isCommit: true);
        await play.FetchAsync(requireStable: true, both);
        await play.LeaveAsync((a.MemberId, null));
    }

    /// <summary>Only a broker that has transactions can tell; the handlers alone believe everything.</summary>
    private static async Task NoTransactionsAsync(GroupScenario play)
    {
        ProducerStamp producer = await play.Broker.BeginTransactionAsync(play.Group, play.Group);
        await play.CommitAsync(producer with { ProducerEpoch = (short)(producer.ProducerEpoch + 1) }, "", -1, 20);
        await play.CommitAsync(producer, "", -1, 21);
        await play.CommitAsync(producer with { ProducerEpoch = (short)(producer.ProducerEpoch + 1) }, "", -1, 22);
        await play.Broker.EndTransactionAsync(play.Group, producer, play.Group, isCommit: true);
        if (play.VersionOf<TxnOffsetCommitRequest>() < 5)
        {
            await play.CommitAsync(producer, "", -1, 23);
        }

        await play.FetchAsync(requireStable: true, ("orders", 0));
        await play.SendAsync<DeleteGroupsRequest, DeleteGroupsResponse>(new() { GroupsNames = [play.Group] });
    }
}
