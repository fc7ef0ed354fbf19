using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Carousel.Broker.Hosting;
using Carousel.Broker.StateTopics;
using Carousel.Broker.Tests.Hosting;
using Carousel.Testing;
using Carousel.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Broker.Tests.Apis;

/// <summary>A broker behind a socket: Apache Kafka, or this one as a whole.</summary>
internal sealed class SocketBroker : IBrokerUnderTest, IAsyncDisposable
{
    private readonly Dictionary<string, TcpClient> _connections = [];
    private readonly int _port;
    private readonly Func<ValueTask> _stop;
    private int _correlationId;

    private SocketBroker(int port, Func<ValueTask> stop) => (_port, _stop) = (port, stop);

    public Guid OrdersId { get; private set; }

    public static async Task<SocketBroker> StartKafkaOrSkipAsync()
    {
        KafkaProcess kafka = await KafkaProcess.StartOrSkipAsync(
            null, "offsets.topic.num.partitions=4", "group.initial.rebalance.delay.ms=0", "group.max.size=3", "transaction.state.log.num.partitions=1");
        return await PrepareAsync(new SocketBroker(kafka.Port, kafka.DisposeAsync));
    }

    public static async Task<SocketBroker> StartOursAsync()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("carousel-groups-");
        var meters = new TestMeters();
        var options = new BrokerOptions { DataDirectory = folder.FullName, Port = 0, FlushMode = BrokerFlushMode.OperatingSystem };
        Broker.Hosting.Broker broker = await Broker.Hosting.Broker.OpenAsync(
            options, NullLoggerFactory.Instance, meters, TimeProvider.System, CancellationToken.None);
        return await PrepareAsync(new SocketBroker(broker.Port, async () =>
        {
            await broker.DisposeAsync();
            meters.Dispose();
            folder.Delete(recursive: true);
        }));
    }

    public async Task<TResponse> SendAsync<TRequest, TResponse>(string client, short version, TRequest request)
        where TRequest : class, IRequest, new()
        where TResponse : class, IMessage, new()
    {
        Api api = TRequest.Api;
        NetworkStream stream = Connect(client).GetStream();
        byte[] header = new byte[10 + client.Length];
        BinaryPrimitives.WriteInt16BigEndian(header, (short)api.Key);
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(2), version);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Interlocked.Increment(ref _correlationId));
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(8), (short)client.Length);
        Encoding.ASCII.GetBytes(client, header.AsSpan(10));
        byte[] tags = api.IsFlexible(version) ? [0] : [];
        byte[] body = WireWriter.ToBytes(request, api.IsFlexible(version), version);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, header.Length + tags.Length + body.Length);
        await stream.WriteAsync((byte[])[.. length, .. header, .. tags, .. body]);
        await stream.ReadExactlyAsync(length).AsTask().WithinAsync($"the broker answered {api.Key} v{version} of {client}", TimeSpan.FromSeconds(60));
        byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(frame);
        int headerBytes = api.ResponseHeaderVersion(version) == 0 ? 4 : 5;
        return WireReader.Read<TResponse>(frame.AsMemory(headerBytes), api.IsFlexible(version), version);
    }

    public async Task<ProducerStamp> BeginTransactionAsync(string transactionalId, string groupId)
    {
        // Kafka may still be loading its coordinator, or ending the transaction before.
        InitProducerIdResponse producer = await Eventually.TrueAsync(
            "the broker initializes the producer",
            () => SendAsync<InitProducerIdRequest, InitProducerIdResponse>(
                "producer", 1, new InitProducerIdRequest { TransactionalId = transactionalId, TransactionTimeoutMs = 60_000 }),
            answer => answer.ErrorCode == ErrorCode.None,
            TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(
            "the broker adds the group to the transaction",
            () => SendAsync<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>("producer", 0, new AddOffsetsToTxnRequest
            {
                TransactionalId = transactionalId,
                ProducerId = producer.ProducerId,
                ProducerEpoch = producer.ProducerEpoch,
                GroupId = groupId,
            }),
            answer => answer.ErrorCode == ErrorCode.None,
            TimeSpan.FromSeconds(30));
        return new ProducerStamp(producer.ProducerId, producer.ProducerEpoch);
    }

    public async Task EndTransactionAsync(string transactionalId, ProducerStamp producer, string groupId, bool isCommit)
    {
        EndTxnResponse ended = await SendAsync<EndTxnRequest, EndTxnResponse>(
            "producer",
            1,
            new EndTxnRequest { TransactionalId = transactionalId, ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, Committed = isCommit });
        Assert.Equal(ErrorCode.None, ended.ErrorCode);
        await Eventually.TrueAsync(
            "the transaction is over",
            () => SendAsync<DescribeTransactionsRequest, DescribeTransactionsResponse>(
                "producer", 0, new DescribeTransactionsRequest { TransactionalIds = [transactionalId] }),
            answer => answer.TransactionStates.Single().TransactionState.StartsWith("Complete", StringComparison.Ordinal),
            TimeSpan.FromSeconds(20));
        var fetch = new OffsetFetchRequest { GroupId = groupId, Topics = [new() { Name = "orders", PartitionIndexes = [0, 1] }], RequireStable = true };
        await Eventually.TrueAsync(
            "the transaction's offsets are settled",
            () => SendAsync<OffsetFetchRequest, OffsetFetchResponse>("producer", 7, fetch),
            answer => answer.Topics.Single().Partitions.All(partition => partition.ErrorCode == ErrorCode.None),
            TimeSpan.FromSeconds(20));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TcpClient connection in _connections.Values)
        {
            connection.Dispose();
        }

        await _stop();
    }

    /// <summary>The first question makes Kafka create its topics for groups and transactions, and is answered with errors until they are there and loaded.</summary>
    private static async Task<SocketBroker> PrepareAsync(SocketBroker broker)
    {
        var topic = new CreateTopicsRequest { Topics = [new() { Name = "orders", NumPartitions = 2, ReplicationFactor = 1 }], TimeoutMs = 30_000 };
        CreateTopicsResponse created = await broker.SendAsync<CreateTopicsRequest, CreateTopicsResponse>("setup", 7, topic);
        Assert.Equal(ErrorCode.None, created.Topics.Single().ErrorCode);
        broker.OrdersId = created.Topics.Single().TopicId;
        await broker.CoordinatorIsThereAsync(keyType: 0);
        await broker.CoordinatorIsThereAsync(keyType: 1);
        await Eventually.TrueAsync(
            "the broker has loaded all groups",
            () => broker.SendAsync<ListGroupsRequest, ListGroupsResponse>("setup", 0, new ListGroupsRequest()),
            answer => answer.ErrorCode == ErrorCode.None,
            TimeSpan.FromSeconds(30));
        return broker;
    }

    private Task CoordinatorIsThereAsync(sbyte keyType) => Eventually.TrueAsync(
        $"the broker coordinates keys of type {keyType}",
        () => SendAsync<FindCoordinatorRequest, FindCoordinatorResponse>("setup", 2, new FindCoordinatorRequest { Key = "any", KeyType = keyType }),
        answer => answer.ErrorCode == ErrorCode.None,
        TimeSpan.FromSeconds(30));

    private TcpClient Connect(string client)
    {
        lock (_connections)
        {
            if (!_connections.TryGetValue(client, out TcpClient? connection))
            {
                connection = new TcpClient();
                connection.Connect(IPAddress.Loopback, _port);
                _connections.Add(client, connection);
            }

            return connection;
        }
    }
}
