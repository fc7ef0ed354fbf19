using Carousel.Broker.Apis;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>Asks a handler as a connection does: with bytes in one version of the API, which the answer is written in too.</summary>
internal static class Calls
{
    public static Task<TResponse> CallAsync<TRequest, TResponse>(this ApiHandler<TRequest, TResponse> handler, TRequest request, short? version = null)
        where TRequest : class, IRequest, new()
        where TResponse : class, IMessage, new() => CallAsync(handler, request, version ?? TRequest.Api.VersionMax);

    private static async Task<TResponse> CallAsync<TRequest, TResponse>(ApiHandler<TRequest, TResponse> handler, TRequest request, short version)
        where TRequest : class, IRequest, new()
        where TResponse : class, IMessage, new()
    {
        bool isFlexible = TRequest.Api.IsFlexible(version);
        var header = new RequestHeader((short)TRequest.Api.Key, version, CorrelationId: 1, ClientId: "test");
        var context = new RequestContext(header, "/127.0.0.1", CancellationToken.None);
        IMessage? answer = await handler.HandleAsync(WireWriter.ToBytes(request, isFlexible, version), context);
        context.Release();
        return WireReader.Read<TResponse>(WireWriter.ToBytes((TResponse)answer!, isFlexible, version), isFlexible, version);
    }
}
