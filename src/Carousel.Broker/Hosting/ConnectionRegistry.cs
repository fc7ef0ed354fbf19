using System.Collections.Concurrent;
using System.IO.Pipelines;

namespace Carousel.Broker.Hosting;

/// <summary>
/// All open connections: how many there may be, the one timer that closes those whose clients let pass too much time, and the end of all of them. Only
/// the sweep, and after it the stop, close or dispose a connection from outside, so a disposed one is never touched.
/// </summary>
/// <param name="responses">Memory for answers, which clients that don't read may hold.</param>
internal sealed class ConnectionRegistry(ConnectionServices services, MemoryBudget responses, int connectionsMax)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    /// <summary>A client that takes nothing for this long loses its connection when others wait for the memory that its answer holds.</summary>
    private static readonly TimeSpan UntakenMin = TimeSpan.FromSeconds(5);

    /// <summary>Buffers that nobody used for this many sweeps are let go.</summary>
    private const int SweepsPerTrim = 10;

    private readonly ConcurrentDictionary<Connection, Task> _open = [];
    private readonly ConcurrentQueue<Connection> _ended = [];
    private readonly CloseLog _log = new(services.Logger, services.Time);
    private int _count;
    private volatile bool _isStopping;

    /// <summary>Serves one client to the end.</summary>
    /// <param name="remote">The client's address with port, for the log.</param>
    /// <param name="clientHost">Its address as Kafka's tools show it.</param>
    public Task ServeAsync(IDuplexPipe transport, string remote, string clientHost, CancellationToken clientGone) =>
        ServeAsync(transport, new PipeAnswerOutput(transport.Output), remote, clientHost, clientGone);

    /// <inheritdoc cref="ServeAsync(IDuplexPipe, string, string, CancellationToken)"/>
    /// <param name="output">Where the answers go instead of the transport's output.</param>
    public async Task ServeAsync(IDuplexPipe transport, AnswerOutput output, string remote, string clientHost, CancellationToken clientGone)
    {
        if (Interlocked.Increment(ref _count) > connectionsMax || _isStopping)
        {
            Interlocked.Decrement(ref _count);
            Refuse(remote);
            await transport.Input.CompleteAsync();
            await transport.Output.CompleteAsync();
            return;
        }

        services.Metrics.Opened();
        var connection = new Connection(services, transport, output, clientHost, clientGone);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _open.TryAdd(connection, ended.Task);
        CloseReason reason = await connection.RunAsync();
        services.Metrics.Closed(reason.Cause);
        _log.Closed(remote, reason);
        _open.TryRemove(connection, out _);
        _ended.Enqueue(connection);
        Interlocked.Decrement(ref _count);
        ended.SetResult();
    }

    /// <summary>Looks after all connections until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, services.Time);
        for (int sweep = 1; await timer.WaitForNextTickAsync(cancellationToken); sweep++)
        {
            Sweep();
            if (sweep % SweepsPerTrim == 0)
            {
                services.Memory.Pool.Trim();
            }
        }
    }

    /// <summary>Takes no more requests, answers what has begun, and closes what hasn't ended within the time. Only after <see cref="RunAsync"/> has ended.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        _isStopping = true;
        foreach (Connection connection in _open.Keys)
        {
            connection.Stop();
        }

        try
        {
            await Task.WhenAll(_open.Values).WaitAsync(grace, services.Time);
        }
        catch (TimeoutException)
        {
            foreach (Connection connection in _open.Keys)
            {
                connection.Close(CloseReason.Stopping);
            }

            await Task.WhenAll(_open.Values);
        }

        DisposeEnded();
    }

    internal void Sweep()
    {
        DisposeEnded();
        foreach (Connection connection in _open.Keys)
        {
            connection.CloseIfOverdue();
        }

        if (responses.IsShort && _open.Keys.MaxBy(connection => connection.UntakenFor) is { } slowest && slowest.UntakenFor > UntakenMin)
        {
            slowest.Close(CloseReason.Untaken(slowest.UntakenFor));
        }
    }

    private void Refuse(string remote)
    {
        services.Metrics.Refused();
        _log.Closed(remote, _isStopping ? CloseReason.Stopping : new CloseReason(CloseCause.Refused, $"there are {connectionsMax} connections already"));
    }

    private void DisposeEnded()
    {
        while (_ended.TryDequeue(out Connection? connection))
        {
            connection.Dispose();
        }
    }
}
