using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Carousel.PaymentSimulator.Faults;

/// <summary>
/// A listener that during an outage isn't there: the socket is closed, so that the kernel refuses connections, and open connections are
/// dropped, as when the process has died. Kestrel's accept loop owns it and binds the same port again when the outage is over.
/// </summary>
internal sealed partial class RefusingListener(IConnectionListenerFactory factory, IConnectionListener inner, ILogger logger)
    : IConnectionListener
{
    private static readonly TimeSpan RebindDelay = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<string, ConnectionContext> _open = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closed = new();
    private readonly ILogger _logger = logger;

    // Disposing a listener takes the memory from under its connections, so closed ones are kept to the end.
    private readonly List<IConnectionListener> _retired = [];
    private IConnectionListener _inner = inner;
    private Outage? _refusal;

    public EndPoint EndPoint { get; } = inner.EndPoint;

    public async Task RefuseAsync(Outage outage)
    {
        Interlocked.Exchange(ref _refusal, outage);
        LogRefusing(EndPoint, outage.Left);
        await _inner.UnbindAsync();
        foreach (var connection in _open.Values)
        {
            connection.Abort(new ConnectionAbortedException("An outage was ordered."));
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (await _inner.AcceptAsync(cancellationToken) is { } connection)
            {
                Track(connection);
                return connection;
            }

            // Only a refusal or the end of the server unbinds the inner listener.
            if (!await RebindAfterRefusalAsync())
            {
                return null;
            }
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _closed.CancelAsync();
        await _inner.UnbindAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _retired)
        {
            await listener.DisposeAsync();
        }

        await _inner.DisposeAsync();
        _closed.Dispose();
    }

    private void Track(ConnectionContext connection)
    {
        _open[connection.ConnectionId] = connection;
        connection.ConnectionClosed.UnsafeRegister(
            static (state, _) =>
            {
                var (open, id) = ((ConcurrentDictionary<string, ConnectionContext>, string))state!;
                open.TryRemove(id, out var _);
            },
            (_open, connection.ConnectionId));
    }

    /// <returns>False when the server stops before the port is open again.</returns>
    private async Task<bool> RebindAfterRefusalAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            if (ActiveRefusal() is { } refusal)
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(refusal.Over, _closed.Token);
                await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else if (await TryBindAsync())
            {
                LogListening(EndPoint);
                return true;
            }
        }

        return false;
    }

    private async Task<bool> TryBindAsync()
    {
        try
        {
            var bound = await factory.BindAsync(EndPoint, CancellationToken.None);
            _retired.Add(Interlocked.Exchange(ref _inner, bound));
        }
        catch (IOException e)
        {
            LogRebindFailed(EndPoint, e);
            await Task.Delay(RebindDelay, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        }

        // An outage ordered or a stop that came meanwhile has unbound the former listener, not this one.
        if (ActiveRefusal() is null && !_closed.IsCancellationRequested)
        {
            return true;
        }

        await _inner.UnbindAsync();
        return false;
    }

    private Outage? ActiveRefusal() =>
        Volatile.Read(ref _refusal) is { } refusal && !refusal.Over.IsCancellationRequested ? refusal : null;
}
