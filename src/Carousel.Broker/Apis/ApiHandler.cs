using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Answers one API of the protocol. Without state of its own: it translates between messages and the parts that hold it.</summary>
internal abstract class ApiHandler
{
    public abstract Api Api { get; }

    /// <summary>The lowest version that clients are told of.</summary>
    public virtual short AdvertisedVersionMin => Api.VersionMin;

    /// <summary>The highest version that is answered and that clients are told of.</summary>
    public virtual short VersionMax => Api.VersionMax;

    /// <summary>
    /// Whether the connection may start its next request while this one is waited for. Then everything that has to stay in the order of the requests is
    /// done before the first wait, or else before <see cref="RequestContext.InOrder"/> completes.
    /// </summary>
    public virtual bool IsPipelined => false;

    /// <returns>The answer, written in the request's version; null when the client wants none.</returns>
    /// <exception cref="WireFormatException">The body breaks the grammar; the connection is closed.</exception>
    public abstract ValueTask<IMessage?> HandleAsync(ReadOnlyMemory<byte> body, RequestContext context);
}

/// <inheritdoc cref="ApiHandler"/>
internal abstract class ApiHandler<TRequest, TResponse> : ApiHandler
    where TRequest : class, IRequest, new()
    where TResponse : class, IMessage
{
    public sealed override Api Api => TRequest.Api;

    public sealed override ValueTask<IMessage?> HandleAsync(ReadOnlyMemory<byte> body, RequestContext context)
    {
        ValueTask<TResponse?> answer = HandleAsync(WireReader.Read<TRequest>(body, context.ApiVersion), context);
        return answer.IsCompletedSuccessfully ? new ValueTask<IMessage?>(answer.Result) : AwaitAsync(answer);

        static async ValueTask<IMessage?> AwaitAsync(ValueTask<TResponse?> answer) => await answer;
    }

    protected abstract ValueTask<TResponse?> HandleAsync(TRequest request, RequestContext context);
}
