using System.Runtime.CompilerServices;
using Carousel.Broker.StateTopics;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>
/// Talks to a broker as the members of a group would, in a certain age's versions, and notes every answer. Two brokers that are the same to clients leave the
/// same notes.
/// </summary>
/// <param name="age">The newest version to use of each API; what an API doesn't have is cut to what it has.</param>
internal sealed class GroupScenario(IBrokerUnderTest broker, short age, string group)
{
    private readonly MessageText _text = new();

    public List<string> Notes { get; } = [];

    public string Group { get; set; } = group;

    public IBrokerUnderTest Broker => broker;

    public void Name(string id, string name) => _text.Name(id, name);

    public short VersionOf<TRequest>()
        where TRequest : IRequest => Math.Clamp(age, TRequest.Api.VersionMin, TRequest.Api.VersionMax);

    public async Task<TResponse> SendAsync<TRequest, TResponse>(TRequest request, string client = "admin", [CallerLineNumber] int line = 0)
        where TRequest : class, IRequest, new()
        where TResponse : class, IMessage, new()
    {
        TResponse response = await broker.SendAsync<TRequest, TResponse>(client, VersionOf<TRequest>(), request);
        Note(line, TRequest.Api.Key, response);
        return response;
    }

    public void Note(int line, ApiKey api, IMessage response) => Notes.Add($"line {line}: {api} v{age}: {_text.Of(response)}");

    /// <summary>Joins; the answer is noted by whoever awaits it, because it may come after others.</summary>
    public Task<JoinGroupResponse> JoinAsync(string client, string memberId = "", string? instanceId = null, params string[] protocols) =>
        broker.SendAsync<JoinGroupRequest, JoinGroupResponse>(client, VersionOf<JoinGroupRequest>(), new JoinGroupRequest
        {
            GroupId = Group,
            MemberId = memberId,
            GroupInstanceId = instanceId,
            SessionTimeoutMs = 30_000,
            RebalanceTimeoutMs = 60_000,
            ProtocolType = "consumer",
            Protocols = [.. (protocols.Length == 0 ? ["range"] : protocols).Select(name => new JoinGroupRequest.JoinGroupRequestProtocol { Name = name, Metadata = GroupSubscription })],
        });

    /// <summary>Joins as a new member, in two steps where the version has it so; names the member after its client.</summary>
    public async Task<Task<JoinGroupResponse>> JoinAsNewAsync(string client, [CallerLineNumber] int line = 0)
    {
        Task<JoinGroupResponse> join = JoinAsync(client);
        if (VersionOf<JoinGroupRequest>() < 4)
        {
            return join;
        }

        JoinGroupResponse told = await join;
        Name(told.MemberId, client);
        Note(line, ApiKey.JoinGroup, told);
        return JoinAsync(client, told.MemberId);
    }

    public async Task<JoinGroupResponse> NoteAsync(string client, Task<JoinGroupResponse> join, [CallerLineNumber] int line = 0)
    {
        JoinGroupResponse response = await join;
        Name(response.MemberId, client);
        Note(line, ApiKey.JoinGroup, response);
        return response;
    }

    public Task<SyncGroupResponse> SyncAsync(string client, string memberId, int generation, params (string MemberId, byte Assignment)[] assignments) =>
        broker.SendAsync<SyncGroupRequest, SyncGroupResponse>(client, VersionOf<SyncGroupRequest>(), new SyncGroupRequest
        {
            GroupId = Group,
            MemberId = memberId,
            GenerationId = generation,
            ProtocolType = "consumer",
            ProtocolName = "range",
            Assignments = [.. assignments.Select(pair => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = pair.MemberId, Assignment = new[] { pair.Assignment } })],
        });

    public async Task NoteAsync(Task<SyncGroupResponse> sync, [CallerLineNumber] int line = 0) => Note(line, ApiKey.SyncGroup, await sync);

    public Task<HeartbeatResponse> HeartbeatAsync(string memberId, int generation, string? instanceId = null, [CallerLineNumber] int line = 0) =>
        SendAsync<HeartbeatRequest, HeartbeatResponse>(
            new HeartbeatRequest { GroupId = Group, MemberId = memberId, GenerationId = generation, GroupInstanceId = instanceId }, line: line);

    public Task<OffsetCommitResponse> CommitAsync(string memberId, int generation, long offset, int partition = 0, string topic = "orders", string? metadata = "m", [CallerLineNumber] int line = 0) =>
        SendAsync<OffsetCommitRequest, OffsetCommitResponse>(
            new OffsetCommitRequest
            {
                GroupId = Group,
                MemberId = memberId,
                GenerationIdOrMemberEpoch = generation,
                Topics =
                [
                    new OffsetCommitRequest.OffsetCommitRequestTopic
                    {
                        Name = topic,
                        TopicId = topic == "orders" ? broker.OrdersId : Unknown,
                        Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset, CommittedLeaderEpoch = 0, CommittedMetadata = metadata }],
                    },
                ],
            },
            line: line);

    public Task<TxnOffsetCommitResponse> CommitAsync(
        ProducerStamp producer, string memberId, int generation, long offset, int partition = 0, [CallerLineNumber] int line = 0) =>
        SendAsync<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(
            new TxnOffsetCommitRequest
            {
                TransactionalId = Group,
                GroupId = Group,
                ProducerId = producer.ProducerId,
                ProducerEpoch = producer.ProducerEpoch,
                MemberId = memberId,
                GenerationId = generation,
                Topics = [new() { Name = "orders", Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset, CommittedMetadata = null }] }],
            },
            line: line);

    public Task<OffsetFetchResponse> FetchAsync(bool requireStable = false, params (string Topic, int Partition)[] wanted) => FetchAsync(Group, requireStable, wanted);

    public Task<OffsetFetchResponse> FetchAsync(string groupId, bool requireStable, (string Topic, int Partition)[]? wanted, [CallerLineNumber] int line = 0)
    {
        var topics = wanted?.GroupBy(partition => partition.Topic, partition => partition.Partition).ToArray();
        return SendAsync<OffsetFetchRequest, OffsetFetchResponse>(
            new OffsetFetchRequest
            {
                GroupId = groupId,
                RequireStable = requireStable,
                Topics = topics is null ? null : [.. topics.Select(topic => new OffsetFetchRequest.OffsetFetchRequestTopic { Name = topic.Key, PartitionIndexes = [.. topic] })],
                Groups =
                [
                    new OffsetFetchRequest.OffsetFetchRequestGroup
                    {
                        GroupId = groupId,
                        Topics = topics is null ? null
                            : [.. topics.Select(topic => new OffsetFetchRequest.OffsetFetchRequestTopics { Name = topic.Key, TopicId = topic.Key == "orders" ? broker.OrdersId : Unknown, PartitionIndexes = [.. topic] })],
                    },
                ],
            },
            line: line);
    }

    public Task<DescribeGroupsResponse> DescribeAsync([CallerLineNumber] int line = 0) => SendAsync<DescribeGroupsRequest, DescribeGroupsResponse>(
        new DescribeGroupsRequest { Groups = [Group, "nobody"], IncludeAuthorizedOperations = true }, line: line);

    public Task<LeaveGroupResponse> LeaveAsync(params (string MemberId, string? InstanceId)[] leavers) => SendAsync<LeaveGroupRequest, LeaveGroupResponse>(
        new LeaveGroupRequest
        {
            GroupId = Group,
            MemberId = leavers[0].MemberId,
            Members = [.. leavers.Select(leaver => new LeaveGroupRequest.MemberIdentity { MemberId = leaver.MemberId, GroupInstanceId = leaver.InstanceId, Reason = "done" })],
        });

    /// <summary>Waits until the group is in a state that another connection's request brought about.</summary>
    public Task UntilAsync(string state) => Eventually.TrueAsync(
        $"the group is {state}",
        () => broker.SendAsync<DescribeGroupsRequest, DescribeGroupsResponse>("watcher", 0, new DescribeGroupsRequest { Groups = [Group] }),
        answer => answer.Groups.Single().GroupState == state,
        TimeSpan.FromSeconds(30));

    public static byte[] GroupSubscription { get; } = Groups.GroupWorld.Subscription("orders");

    private static Guid Unknown { get; } = new("77777777-7777-7777-7777-777777777777");
}
