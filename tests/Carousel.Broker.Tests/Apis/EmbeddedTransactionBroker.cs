using Carousel.Broker.Apis;
using Carousel.Broker.Tests.Transactions.Simulation;
using Carousel.Wire;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Apis;

/// <summary>The handlers of this broker over a simulated disk, through the bytes of their messages.</summary>
internal sealed class EmbeddedTransactionBroker : ITransactionBroker
{
    private readonly SimulatedBroker _broker;
    private readonly Dictionary<ApiKey, ApiHandler> _handlers;

    private EmbeddedTransactionBroker(SimulatedBroker broker)
    {
        _broker = broker;
        ApiHandler[] handlers =
        [
            new InitProducerIdHandler(broker.Coordinator),
            new AddPartitionsToTxnHandler(broker.Coordinator, partition => broker.Partitions.Any(known => known.Name == partition)),
            new AddOffsetsToTxnHandler(broker.Coordinator, _ => new("__consumer_offsets", 0)),
            new EndTxnHandler(broker.Coordinator),
            new DescribeTransactionsHandler(broker.Coordinator),
            new ListTransactionsHandler(broker.Coordinator, broker.Time),
            new WriteTxnMarkersHandler(broker),
        ];
        _handlers = handlers.ToDictionary(handler => handler.Api.Key);
    }

    public static async Task<EmbeddedTransactionBroker> StartAsync()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        SimulatedBroker broker = SimulatedBroker.New(new SimulatedDisk { FlushesWhenAwaited = true }, time);
        await broker.OpenAsync();
        return new EmbeddedTransactionBroker(broker);
    }

    public async Task<TResponse> AskAsync<TRequest, TResponse>(TRequest request, short version)
        where TRequest : class, IRequest
        where TResponse : class, IMessage, new()
    {
        ApiHandler handler = _handlers[TRequest.Api.Key];
        Assert.True(version <= handler.VersionMax, $"version {version} of {TRequest.Api.Key} isn't answered");
        bool isFlexible = TRequest.Api.IsFlexible(version);
        byte[] body = WireWriter.ToBytes(request, isFlexible, version);
        var context = new RequestContext(new RequestHeader((short)TRequest.Api.Key, version, 1, "test"), "/127.0.0.1", CancellationToken.None);
        IMessage? answer = await handler.HandleAsync(body, context);
        return WireReader.Read<TResponse>(WireWriter.ToBytes(Assert.IsType<TResponse>(answer), isFlexible, version), isFlexible, version);
    }

    public async Task LetPassAsync(TimeSpan time)
    {
        _broker.Time.Advance(time + TimeSpan.FromMilliseconds(1));
        await _broker.Coordinator.SweepAsync();
    }
}
