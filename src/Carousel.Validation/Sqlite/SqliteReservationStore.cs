using Carousel.Validation.Reservations;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Carousel.Validation.Sqlite;

/// <summary>
/// Writes through one connection, owned by whoever holds the gate. After any failure that connection is thrown away with its transaction, so nothing
/// half done outlives it, and the next transaction opens another.
/// </summary>
internal sealed partial class SqliteReservationStore : IReservationStore
{
    private readonly SqliteConnections _connections;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(initialCount: 1, maxCount: 1);
    private SqliteTransactionSession? _session;
    private bool _disposed;

    private SqliteReservationStore(SqliteConnections connections, ILogger logger)
    {
        _connections = connections;
        _logger = logger;
    }

    /// <summary>Creates or upgrades the database, and opens it for writing.</summary>
    public static SqliteReservationStore Open(ValidationOptions options, ILogger logger)
    {
        var connections = new SqliteConnections(options);
        SqliteMigrations.Run(connections);
        return new SqliteReservationStore(connections, logger);
    }

    public async ValueTask<T> InTransactionAsync<T>(Func<IReservationTransaction, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await RunNeedsLockAsync(work);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        _disposed = true;
        CloseNeedsLock();
        _gate.Release();
    }

    private async ValueTask<T> RunNeedsLockAsync<T>(Func<IReservationTransaction, ValueTask<T>> work)
    {
        bool committed = false;
        try
        {
            _session ??= OpenSession();
            _session.Begin();
            T result = await work(_session);
            _session.Commit();
            committed = true;
            return result;
        }
        catch (SqliteException e) when (SqliteErrors.IsUnavailable(e))
        {
            throw SqliteErrors.Unavailable(e, _connections.Path);
        }
        finally
        {
            if (!committed)
            {
                CloseNeedsLock();
            }
        }
    }

    private SqliteTransactionSession OpenSession()
    {
        SqliteConnection connection = _connections.OpenForWriting();
        try
        {
            return new SqliteTransactionSession(connection);
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Closing a connection rolls back what it left open.</summary>
    private void CloseNeedsLock()
    {
        try
        {
            _session?.Dispose();
        }
        catch (SqliteException e)
        {
            // Whatever made the transaction fail may make its rollback fail too; the database then rolls back by itself when it is next opened.
            LogCloseFailed(_logger, _connections.Path, e.Message);
        }

        _session = null;
    }
}
