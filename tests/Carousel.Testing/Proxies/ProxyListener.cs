using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Carousel.Testing.Proxies;

/// <summary>
/// A loopback port of its own, and a task for each connection that comes to it. Disposing cancels the tasks and waits for them.
/// </summary>
/// <param name="serve">Owns the connection. Failures of sockets, and being cancelled, end it quietly.</param>
internal sealed class ProxyListener(Func<TcpClient, CancellationToken, Task> serve) : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private Task _accepting = Task.CompletedTask;

    /// <summary>Where clients connect, once it has been started.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Start()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Runs something that ends with the connections.</summary>
    public void Run(Func<CancellationToken, Task> work)
    {
        Task task = RunQuietlyAsync(work);
        _running.TryAdd(task, 0);
        _ = task.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_running.Keys);
        _stop.Dispose();
    }

    /// <summary>Makes the close of a connection a reset, as a process that dies makes it. One that ended by itself meanwhile has no socket any more.</summary>
    public static void Reset(TcpClient connection)
    {
        if (connection.Client is { } socket)
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Run(cancellationToken => serve(client, cancellationToken));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The proxy stops, or the client went away before it was accepted.
            }
        }
    }

    private async Task RunQuietlyAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // One side went away, or the proxy stops: nobody waits for more.
        }
    }
}
