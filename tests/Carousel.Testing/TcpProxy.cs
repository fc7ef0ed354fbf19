using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Carousel.Testing.Proxies;

namespace Carousel.Testing;

/// <summary>
/// Forwards a loopback port to another, and misbehaves on request: delays, swallows or cuts, in either direction. Faults hold for connections that
/// are open and for those that come. For a Kafka broker, start it with the proxy's port as its advertised one, since clients go where it says.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly ProxyListener _listener;
    private readonly ConcurrentDictionary<TcpClient, byte> _open = new();
    private volatile TaskCompletionSource? _blackhole;
    private long _delayToServerTicks;
    private long _delayToClientTicks;
    private volatile bool _refuses;

    public TcpProxy()
    {
        _listener = new ProxyListener(ForwardAsync);
        _listener.Start();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => _listener.Port;

    /// <summary>Where connections go to. May be set later than the first client comes; until then it is refused.</summary>
    public int? TargetPort { get; set; }

    /// <summary>Each piece of data on its way to the server waits this long; pieces stay in order.</summary>
    public void DelayToServer(TimeSpan delay) => Interlocked.Exchange(ref _delayToServerTicks, delay.Ticks);

    /// <inheritdoc cref="DelayToServer"/>
    public void DelayToClient(TimeSpan delay) => Interlocked.Exchange(ref _delayToClientTicks, delay.Ticks);

    /// <summary>Nothing goes through in either direction, though connections stay open, until <see cref="Heal"/>; then what was held back arrives.</summary>
    public void Blackhole() => _blackhole ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Resets all open connections, and refuses new ones when asked to, until <see cref="Heal"/>.</summary>
    public void Cut(bool refuseNew)
    {
        _refuses = refuseNew;
        foreach (TcpClient client in _open.Keys)
        {
            ProxyListener.Reset(client);
        }
    }

    /// <summary>All is well again.</summary>
    public void Heal()
    {
        _refuses = false;
        DelayToServer(TimeSpan.Zero);
        DelayToClient(TimeSpan.Zero);
        TaskCompletionSource? blackhole = _blackhole;
        _blackhole = null;
        blackhole?.SetResult();
    }

    public ValueTask DisposeAsync()
    {
        Cut(refuseNew: true);
        return _listener.DisposeAsync();
    }

    private async Task ForwardAsync(TcpClient client, CancellationToken cancellationToken)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            if (_refuses || TargetPort is not { } port)
            {
                ProxyListener.Reset(client);
                return;
            }

            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            _open.TryAdd(client, 0);
            _open.TryAdd(server, 0);
            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                Task toServer = PumpAsync(client, server, () => Interlocked.Read(ref _delayToServerTicks), either.Token);
                Task toClient = PumpAsync(server, client, () => Interlocked.Read(ref _delayToClientTicks), either.Token);
                await Task.WhenAny(toServer, toClient);
                await either.CancelAsync();
                await Task.WhenAll(toServer, toClient);
            }
            finally
            {
                _open.TryRemove(client, out _);
                _open.TryRemove(server, out _);
            }
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, Func<long> delayTicks, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        NetworkStream source = from.GetStream();
        NetworkStream target = to.GetStream();
        while (await source.ReadAsync(buffer, cancellationToken) is > 0 and int length)
        {
            if (delayTicks() is > 0 and long ticks)
            {
                await Task.Delay(TimeSpan.FromTicks(ticks), cancellationToken);
            }

            if (_blackhole is { } blackhole)
            {
                await blackhole.Task.WaitAsync(cancellationToken);
            }

            await target.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
        }
    }
}
