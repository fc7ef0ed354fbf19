using System.Collections.Concurrent;
using Carousel.Orders;
using Carousel.Validation.Reservations;
using Microsoft.Data.Sqlite;

namespace Carousel.Validation.Sqlite;

/// <summary>
/// Reads through connections that can't write. Idle ones are kept with their prepared lookup; one that failed is closed, and the next lookup opens another.
/// </summary>
internal sealed class SqliteReservationReader(ValidationOptions options) : IReservationReader
{
    private readonly SqliteConnections _connections = new(options);
    private readonly SemaphoreSlim _slots = new(options.ReaderConnectionsMax, options.ReaderConnectionsMax);
    private readonly ConcurrentBag<Lookup> _idle = [];
    private int _disposed;

    public async ValueTask<Reservation?> FindAsync(OrderId id, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return Find(id);
        }
        finally
        {
            _slots.Release();
        }
    }

    public async ValueTask<IReservationSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken)
    {
        SqliteConnection connection = Reading(_connections, Open);
        try
        {
            return Reading(_connections, () => new SqliteReservationSnapshot(connection, _connections));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        // Once all slots are taken nobody is reading any more.
        for (int i = 0; i < options.ReaderConnectionsMax; i++)
        {
            await _slots.WaitAsync();
        }

        while (_idle.TryTake(out Lookup? lookup))
        {
            lookup.Dispose();
        }

        _slots.Dispose();
    }

    /// <summary>Runs what reads, and says what is wrong when it can't.</summary>
    internal static T Reading<T>(SqliteConnections connections, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException e) when (SqliteErrors.IsNotCreatedYet(e) || !File.Exists(connections.Path))
        {
            throw Missing(connections.Path, e);
        }
        catch (SqliteException e) when (SqliteErrors.IsUnavailable(e))
        {
            throw SqliteErrors.Unavailable(e, connections.Path);
        }
    }

    private Reservation? Find(OrderId id)
    {
        Lookup? lookup = null;
        try
        {
            return Reading(_connections, () =>
            {
                lookup = _idle.TryTake(out Lookup? idle) ? idle : new Lookup(Open());
                Reservation? found = lookup.Find(id);
                _idle.Add(lookup);
                lookup = null;
                return found;
            });
        }
        finally
        {
            lookup?.Dispose();
        }
    }

    private SqliteConnection Open() =>
        File.Exists(_connections.Path) ? _connections.OpenForReading() : throw Missing(_connections.Path);

    private static ReservationsMissingException Missing(string path, Exception? cause = null) => new(
        $"There are no reservations at {path} yet: nothing has been seeded or validated there. Run `carousel seed` or start `carousel validation` with the same --data first.",
        cause);

    private sealed class Lookup(SqliteConnection connection) : IDisposable
    {
        private readonly SqliteStatement _find = new(connection, $"SELECT {ReservationRows.Columns} FROM reservation AS r WHERE r.order_id = ?");

        public Reservation? Find(OrderId id)
        {
            Reservation? found = _find.Bind(id.ToString()).Step() ? ReservationRows.Read(_find) : null;
            _find.Reset();
            return found;
        }

        public void Dispose()
        {
            _find.Dispose();
            connection.Dispose();
        }
    }
}
