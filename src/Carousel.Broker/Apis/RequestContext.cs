using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>
/// One request under way: who sent it, and what has to be given back once it is answered. The bytes of the request are valid until then too.
/// Used by one handler at a time.
/// </summary>
/// <param name="ClientHost">The address as Kafka's tools show it, such as <c>/127.0.0.1</c>.</param>
/// <param name="ConnectionClosed">Cancelled when nobody waits for the answer any more.</param>
internal sealed class RequestContext(RequestHeader header, string clientHost, CancellationToken connectionClosed)
{
    private List<IDisposable>? _held;

    public RequestHeader Header { get; } = header;

    public short ApiVersion => Header.ApiVersion;

    public string ClientId => Header.ClientId;

    public string ClientHost { get; } = clientHost;

    public CancellationToken ConnectionClosed { get; } = connectionClosed;

    /// <summary>Keeps a buffer that the answer refers to until the answer has been written.</summary>
    public void HoldUntilAnswered(IDisposable resource) => (_held ??= []).Add(resource);

    /// <summary>Called by the connection, once, whatever became of the request.</summary>
    public void Release()
    {
        foreach (IDisposable resource in _held ?? [])
        {
            resource.Dispose();
        }

        _held = null;
    }
}
