using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Carousel.Testing;

/// <summary>
/// Forwards a loopback port to another, and misbehaves on request: delays, swallows or cuts, in either direction. Faults hold for connections that
/// are open and for those that come. For a Kafka broker, start it with the proxy's port as its advertised one, since clients go where it says.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<TcpClient, byte> _open = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _blackhole;
    private long _delayToServerTicks;
    private long _delayToClientTicks;
    private volatile bool _refuses;

    public TcpProxy()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port { get; }

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
            // Zero linger makes the close a reset, as a process that dies makes it. A connection that ended by itself meanwhile has no socket any more.
            if (client.Client is { } socket)
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Close();
            }
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

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut(refuseNew: true);
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Task connection = ForwardAsync(client);
                _connections.TryAdd(connection, 0);
                _ = connection.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The proxy stops, or the client went away before it was accepted.
            }
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            try
            {
                if (_refuses || TargetPort is not { } port)
                {
                    client.LingerState = new LingerOption(true, 0);
                    return;
                }

                client.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, port, _stop.Token);
                _open.TryAdd(client, 0);
                _open.TryAdd(server, 0);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                Task toServer = PumpAsync(client, server, () => Interlocked.Read(ref _delayToServerTicks), either.Token);
                Task toClient = PumpAsync(server, client, () => Interlocked.Read(ref _delayToClientTicks), either.Token);
                await Task.WhenAny(toServer, toClient);
                await either.CancelAsync();
                await Task.WhenAll(toServer, toClient);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // One side went away, or the proxy stops: the other side is closed with it.
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
