using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>
/// One request under way: who sent it, and what has to be given back once it is answered. Used by one handler at a time.
/// </summary>
/// <param name="clientHost">The address as Kafka's tools show it, such as <c>/127.0.0.1</c>.</param>
/// <param name="body">Owns the request's bytes.</param>
/// <param name="connectionClosed">Cancelled when nobody waits for the answer any more.</param>
internal sealed class RequestContext(RequestHeader header, string clientHost, CancellationToken connectionClosed, IDisposable? body = null)
{
    private List<IDisposable>? _held;

    public RequestHeader Header { get; } = header;

    public short ApiVersion => Header.ApiVersion;

    public string ClientId => Header.ClientId;

    public string ClientHost { get; } = clientHost;

    public CancellationToken ConnectionClosed { get; } = connectionClosed;

    /// <summary>
    /// For a pipelined request: completes when everything is done that has to stay in the order of the requests. The connection's next request starts
    /// after it. Set before the handler's first wait.
    /// </summary>
    public Task InOrder { get; set; } = Task.CompletedTask;

    /// <summary>
    /// Gives the request's bytes back before it is answered. Until then, or until the answer, they are valid; a handler that has a long wait before it and
    /// doesn't need them any more calls this.
    /// </summary>
    public void ReleaseBody() => body?.Dispose();

    /// <summary>Keeps a buffer that the answer refers to until the answer has been written.</summary>
    public void HoldUntilAnswered(IDisposable resource) => (_held ??= []).Add(resource);

    /// <summary>Called by the connection, once, whatever became of the request.</summary>
    public void Release()
    {
        ReleaseBody();
        foreach (IDisposable resource in _held ?? [])
        {
            resource.Dispose();
        }

        _held = null;
    }
}
