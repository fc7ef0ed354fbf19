using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Carousel.Broker.StateTopics;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>Apache Kafka, spoken to with the messages of Carousel.Wire.</summary>
internal sealed class KafkaBroker(KafkaProcess kafka, Guid ordersId) : IBrokerUnderTest, IAsyncDisposable
{
    private readonly Dictionary<string, TcpClient> _connections = [];
    private int _correlationId;

    public Guid OrdersId => ordersId;

    public static async Task<KafkaBroker> StartOrSkipAsync()
    {
        KafkaProcess kafka = await KafkaProcess.StartOrSkipAsync(
            null, "offsets.topic.num.partitions=4", "group.initial.rebalance.delay.ms=0", "group.max.size=3", "transaction.state.log.num.partitions=1");
        await TestKafka.CreateTopicsAsync(kafka.Options, partitionCount: 2, "orders");
        var broker = new KafkaBroker(kafka, default);
        MetadataResponse metadata = await broker.SendAsync<MetadataRequest, MetadataResponse>(
            "setup", 12, new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = "orders" }] });

        // The first answer makes Kafka create its topics for groups and transactions, and is an error until they are there.
        await broker.CoordinatorIsThereAsync(keyType: 0);
        await broker.CoordinatorIsThereAsync(keyType: 1);
        await Eventually.TrueAsync(
            "Kafka has loaded all groups",
            () => broker.SendAsync<ListGroupsRequest, ListGroupsResponse>("setup", 0, new ListGroupsRequest()),
            answer => answer.ErrorCode == ErrorCode.None,
            TimeSpan.FromSeconds(30));
        return new KafkaBroker(kafka, metadata.Topics.Single().TopicId);
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
        System.Text.Encoding.ASCII.GetBytes(client, header.AsSpan(10));
        byte[] tags = api.IsFlexible(version) ? [0] : [];
        byte[] body = WireWriter.ToBytes(request, api.IsFlexible(version), version);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, header.Length + tags.Length + body.Length);
        await stream.WriteAsync((byte[])[.. length, .. header, .. tags, .. body]);
        await stream.ReadExactlyAsync(length).AsTask().WithinAsync($"Kafka answered {api.Key} v{version} of {client}", TimeSpan.FromSeconds(60));
        byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(frame);
        int headerBytes = api.ResponseHeaderVersion(version) == 0 ? 4 : 5;
        return WireReader.Read<TResponse>(frame.AsMemory(headerBytes), api.IsFlexible(version), version);
    }

    public async Task<ProducerStamp> BeginTransactionAsync(string transactionalId, string groupId)
    {
        // Kafka may still be loading its coordinator, or ending the transaction before.
        InitProducerIdResponse producer = await Eventually.TrueAsync(
            "Kafka initializes the producer",
            () => SendAsync<InitProducerIdRequest, InitProducerIdResponse>(
                "producer", 1, new InitProducerIdRequest { TransactionalId = transactionalId, TransactionTimeoutMs = 60_000 }),
            answer => answer.ErrorCode == ErrorCode.None,
            TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(
            "Kafka adds the group to the transaction",
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

        await kafka.DisposeAsync();
    }

    private Task CoordinatorIsThereAsync(sbyte keyType) => Eventually.TrueAsync(
        $"Kafka coordinates keys of type {keyType}",
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
                connection.Connect(IPAddress.Loopback, kafka.Port);
                _connections.Add(client, connection);
            }

            return connection;
        }
    }
}
