using System.Buffers.Binary;
using System.Net.Sockets;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>Apache Kafka, asked in frames of our own making.</summary>
internal sealed class KafkaTransactionBroker : ITransactionBroker, IAsyncDisposable
{
    private const string SweepEverySecond = "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000";
    private const sbyte TransactionalIdType = 1;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);
    private readonly KafkaProcess _kafka;
    private readonly TcpClient _client = new() { NoDelay = true };
    private int _correlationId;

    private KafkaTransactionBroker(KafkaProcess kafka) => _kafka = kafka;

    public static async Task<KafkaTransactionBroker> StartOrSkipAsync()
    {
        var broker = new KafkaTransactionBroker(await KafkaProcess.StartOrSkipAsync(null, SweepEverySecond));
        await TestKafka.CreateTopicsAsync(broker._kafka.Options, 3, "orders");
        await broker._client.ConnectAsync("127.0.0.1", broker._kafka.Port);

        // Makes the coordinators' topics.
        foreach (sbyte type in new sbyte[] { 0, TransactionalIdType })
        {
            await Eventually.TrueAsync(
                $"coordinator {type} is there",
                () => broker.AskAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new() { Key = "any", KeyType = type }, 3),
                found => found.ErrorCode == ErrorCode.None,
                AnswerTimeout);
        }

        await Eventually.TrueAsync(
            "a producer is initialized",
            () => broker.AskAsync<InitProducerIdRequest, InitProducerIdResponse>(new() { TransactionalId = "first", TransactionTimeoutMs = 1_000 }, 4),
            answer => answer.ErrorCode == ErrorCode.None,
            AnswerTimeout);
        return broker;
    }

    public async Task<TResponse> AskAsync<TRequest, TResponse>(TRequest request, short version)
        where TRequest : class, IRequest
        where TResponse : class, IMessage, new()
    {
        bool isFlexible = TRequest.Api.IsFlexible(version);
        byte[] header = new byte[10 + (isFlexible ? 1 : 0)];
        BinaryPrimitives.WriteInt16BigEndian(header, (short)TRequest.Api.Key);
        BinaryPrimitives.WriteInt16BigEndian(header.AsSpan(2), version);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), ++_correlationId);
        byte[] body = WireWriter.ToBytes(request, isFlexible, version);
        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, header.Length + body.Length);
        NetworkStream stream = _client.GetStream();
        await stream.WriteAsync((byte[])[.. size, .. header, .. body]);

        using var timeout = new CancellationTokenSource(AnswerTimeout);
        await stream.ReadExactlyAsync(size, timeout.Token);
        byte[] answer = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        await stream.ReadExactlyAsync(answer, timeout.Token);
        int headerSize = TRequest.Api.ResponseHeaderVersion(version) == 0 ? 4 : 5;
        return WireReader.Read<TResponse>(answer.AsMemory(headerSize), isFlexible, version);
    }

    public Task LetPassAsync(TimeSpan time) => Task.Delay(time + TimeSpan.FromSeconds(3));

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _kafka.DisposeAsync();
    }
}
