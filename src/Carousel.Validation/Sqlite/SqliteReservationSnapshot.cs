using System.Runtime.CompilerServices;
using Carousel.Validation.Reservations;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Carousel.Validation.Sqlite;

/// <summary>One read transaction on a connection of its own: what commits after it began isn't seen.</summary>
internal sealed class SqliteReservationSnapshot : IReservationSnapshot
{
    private readonly SqliteConnection _connection;
    private readonly SqliteConnections _connections;

    public SqliteReservationSnapshot(SqliteConnection connection, SqliteConnections connections)
    {
        _connection = connection;
        _connections = connections;

        // BEGIN alone fixes nothing yet; the first read does. This one also finds out whether the tables are there.
        _connection.Execute("BEGIN DEFERRED; SELECT 1 FROM reservation LIMIT 1");
    }

    public IAsyncEnumerable<Reservation> ReadReservationsAsync(CancellationToken cancellationToken) =>
        StreamAsync($"SELECT {ReservationRows.Columns} FROM reservation AS r ORDER BY r.sequence", ReservationRows.Read, cancellationToken);

    public IAsyncEnumerable<StockRow> ReadStockAsync(CancellationToken cancellationToken) => StreamAsync(
        $"SELECT {StockRows.Columns} FROM stock AS s ORDER BY s.sku",
        StockRows.Read,
        cancellationToken);

    public ValueTask<long> CountCustomersAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(SqliteReservationReader.Reading(_connections, () => _connection.ExecuteScalar<long>("SELECT COUNT(*) FROM customer")));

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async IAsyncEnumerable<T> StreamAsync<T>(string text, Func<SqliteStatement, T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        using SqliteStatement statement = SqliteReservationReader.Reading(_connections, () => new SqliteStatement(_connection, text));
        while (SqliteReservationReader.Reading(_connections, () => statement.Step() ? read(statement) : null) is { } row)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return row;
        }
    }
}
