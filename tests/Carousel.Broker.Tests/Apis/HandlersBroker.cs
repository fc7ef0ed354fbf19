using Carousel.Broker.Apis;
using Carousel.Broker.Groups;
using Carousel.Broker.StateTopics;
using Carousel.Broker.Tests.Groups;
using Carousel.Broker.Tests.StateTopics;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>The handlers of groups over a coordinator whose log is in memory. Requests and answers pass through their bytes.</summary>
internal sealed class HandlersBroker : IBrokerUnderTest, ITopicDirectory, IDisposable
{
    private static readonly KnownTopic Orders = new("orders", Guid.NewGuid(), PartitionCount: 2);

    private readonly GroupWorld _world = new(new GroupOptions { MembersMax = 3 });
    private readonly Dictionary<ApiKey, ApiHandler> _handlers;
    private long _producerId = 1000;

    public HandlersBroker()
    {
        GroupCoordinator groups = _world.Coordinator;
        ApiHandler[] handlers =
        [
            new JoinGroupHandler(groups), new SyncGroupHandler(groups), new HeartbeatHandler(groups), new LeaveGroupHandler(groups),
            new OffsetCommitHandler(groups, this), new OffsetFetchHandler(groups, this), new TxnOffsetCommitHandler(groups, this),
            new ListGroupsHandler(groups), new DescribeGroupsHandler(groups), new DeleteGroupsHandler(groups), new OffsetDeleteHandler(groups, this),
            new FindCoordinatorHandler(() => new BrokerEndpoint(1, "127.0.0.1", 9092)),
        ];
        _handlers = handlers.ToDictionary(handler => handler.Api.Key);
    }

    public Guid OrdersId => Orders.Id;

    /// <summary>Where <see cref="GroupWorld.GroupId"/> is kept.</summary>
    public MemoryStateLog Log => _world.Log;

    public KnownTopic? Find(string name) => name == Orders.Name ? Orders : null;

    public KnownTopic? Find(Guid id) => id == Orders.Id ? Orders : null;

    public Task<TResponse> SendAsync<TRequest, TResponse>(string client, short version, TRequest request)
        where TRequest : class, IRequest, new()
        where TResponse : class, IMessage, new() => SendAsync<TRequest, TResponse>(client, version, request, CancellationToken.None);

    public async Task<TResponse> SendAsync<TRequest, TResponse>(string client, short version, TRequest request, CancellationToken connectionClosed)
        where TRequest : class, IRequest, new()
        where TResponse : class, IMessage, new()
    {
        Api api = TRequest.Api;
        byte[] body = WireWriter.ToBytes(request, api.IsFlexible(version), version);
        var context = new RequestContext(new RequestHeader((short)api.Key, version, 1, client), "/127.0.0.1", connectionClosed);
        Task<IMessage?> handling = _handlers[api.Key].HandleAsync(body, context).AsTask();

        // What a handler keeps of a request has to be a copy.
        handling.GetAwaiter().OnCompleted(() => Array.Fill(body, (byte)0xee));
        IMessage? answer = await handling.WithinAsync($"{api.Key} v{version} of {client} was answered", TimeSpan.FromSeconds(60));
        return WireReader.Read<TResponse>(WireWriter.ToBytes((TResponse)answer!, api.IsFlexible(version), version), api.IsFlexible(version), version);
    }

    public Task<ProducerStamp> BeginTransactionAsync(string transactionalId, string groupId) => Task.FromResult(new ProducerStamp(_producerId++, 0));

    public Task EndTransactionAsync(string transactionalId, ProducerStamp producer, string groupId, bool isCommit)
    {
        int partition = new StateTopic("__consumer_offsets", _world.Logs, _world.Time).PartitionOf(groupId);
        long marker = _world.Logs[partition].AppendMarker(producer, isCommit);
        _world.Coordinator.OnTransactionEnded(partition, producer.ProducerId, isCommit, marker);
        return Task.CompletedTask;
    }

    public void Dispose() => _world.Dispose();
}
