using Carousel.Orders;
using Carousel.Validation.Reservations;
using Microsoft.Data.Sqlite;

namespace Carousel.Validation.Sqlite;

/// <summary>
/// One connection with its prepared statements, used for one transaction after another. What a batch asks for goes to SQLite as one JSON array of
/// ids; what it writes goes row by row through one prepared statement, which inside the process costs a quarter of unpacking the rows from JSON.
/// Nothing here waits, so every call completes before it returns. Belongs to whoever holds the store's gate.
/// </summary>
internal sealed class SqliteTransactionSession(SqliteConnection connection) : IReservationTransaction, IDisposable
{
    private readonly SqliteStatement _begin = new(connection, "BEGIN IMMEDIATE");
    private readonly SqliteStatement _commit = new(connection, "COMMIT");

    // CROSS JOIN keeps the order written here: the few ids of the batch look up the many rows of the table, never the other way round.
    private readonly SqliteStatement _findReservations = new(
        connection,
        $"SELECT {ReservationRows.Columns} FROM json_each(?) AS id CROSS JOIN reservation AS r ON r.order_id = id.value");

    private readonly SqliteStatement _findCustomers = new(
        connection,
        "SELECT c.id, c.status FROM json_each(?) AS id CROSS JOIN customer AS c ON c.id = id.value");

    private readonly SqliteStatement _findStock = new(
        connection,
        $"SELECT {StockRows.Columns} FROM json_each(?) AS id CROSS JOIN stock AS s ON s.sku = id.value");

    private readonly SqliteStatement _addReservation = new(
        connection,
        """
        INSERT INTO reservation (order_id, state, fingerprint, customer_id, client, source_topic, source_partition, source_offset,
            currency, amount, items, created_at, decided_at, reason, detail)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """);

    private readonly SqliteStatement _settleReservation = new(
        connection,
        "UPDATE reservation SET state = ?, settled_at = ?, reason = ?, detail = ?, payment_id = ? WHERE order_id = ?");

    private readonly SqliteStatement _changeStock = new(
        connection,
        "UPDATE stock SET available = available + ?, reserved = reserved + ?, sold = sold + ? WHERE sku = ?");

    private readonly SqliteStatement _putCustomer = new(
        connection,
        "INSERT INTO customer (id, status) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET status = excluded.status WHERE status <> excluded.status");

    private readonly SqliteStatement _reseedStock = new(connection, "UPDATE stock SET initial = ?, available = ? WHERE sku = ?");

    private readonly SqliteStatement _addStock = new(connection, "INSERT INTO stock (sku, initial, available, reserved, sold) VALUES (?, ?, ?, 0, 0)");

    public void Begin() => _begin.Execute();

    public void Commit() => _commit.Execute();

    public ValueTask<Dictionary<OrderId, Reservation>> FindReservationsAsync(IReadOnlyCollection<OrderId> ids)
    {
        var found = new Dictionary<OrderId, Reservation>();
        _findReservations.Bind(SqliteValues.ToJson(ids.Select(id => id.ToString())));
        while (_findReservations.Step())
        {
            Reservation reservation = ReservationRows.Read(_findReservations);
            found[reservation.OrderId] = reservation;
        }

        return ValueTask.FromResult(found);
    }

    public ValueTask<Dictionary<string, CustomerStatus>> FindCustomersAsync(IReadOnlyCollection<string> ids)
    {
        var found = new Dictionary<string, CustomerStatus>(ids.Count, StringComparer.Ordinal);
        _findCustomers.Bind(SqliteValues.ToJson(ids));
        while (_findCustomers.Step())
        {
            found[_findCustomers.Text(0)] = SqliteValues.ToStatus(_findCustomers.Text(1));
        }

        return ValueTask.FromResult(found);
    }

    public ValueTask<Dictionary<string, StockRow>> FindStockAsync(IReadOnlyCollection<string> skus)
    {
        var found = new Dictionary<string, StockRow>(skus.Count, StringComparer.Ordinal);
        _findStock.Bind(SqliteValues.ToJson(skus.Order(StringComparer.Ordinal)));
        while (_findStock.Step())
        {
            StockRow row = StockRows.Read(_findStock);
            found[row.Sku] = row;
        }

        return ValueTask.FromResult(found);
    }

    public ValueTask AddReservationsAsync(IReadOnlyCollection<Reservation> reservations)
    {
        foreach (Reservation r in reservations)
        {
            _addReservation
                .Bind(r.OrderId.ToString()).Bind(SqliteValues.ToText(r.State)).Bind(r.Fingerprint).Bind(r.CustomerId).Bind(r.Client)
                .Bind(r.Source.Partition.Topic).Bind(r.Source.Partition.Partition).Bind(r.Source.Offset)
                .Bind(r.Currency).Bind(SqliteValues.ToUnits(r.Amount)).Bind(SqliteValues.ToJson(r.Items))
                .Bind(SqliteValues.ToMicroseconds(r.CreatedAt)).Bind(SqliteValues.ToMicroseconds(r.DecidedAt)).Bind(r.Reason).Bind(r.Detail)
                .Execute();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask SettleReservationsAsync(IReadOnlyCollection<Reservation> reservations)
    {
        foreach (Reservation r in reservations)
        {
            int rows = _settleReservation
                .Bind(SqliteValues.ToText(r.State)).Bind(r.SettledAt is { } settled ? SqliteValues.ToMicroseconds(settled) : null)
                .Bind(r.Reason).Bind(r.Detail).Bind(r.PaymentId).Bind(r.OrderId.ToString())
                .Execute();
            Require(rows == 1, $"order {r.OrderId} isn't in the database and can't be settled");
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ChangeStockAsync(IReadOnlyCollection<StockChange> changes)
    {
        // In SKU order the table is walked once.
        foreach (StockChange change in changes.OrderBy(change => change.Sku, StringComparer.Ordinal))
        {
            int rows = _changeStock.Bind(change.Available).Bind(change.Reserved).Bind(change.Sold).Bind(change.Sku).Execute();
            Require(rows == 1, $"item {change.Sku} isn't in the database and can't be changed");
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask PutCustomersAsync(IReadOnlyCollection<Customer> customers)
    {
        foreach (Customer customer in customers)
        {
            _putCustomer.Bind(customer.Id).Bind(SqliteValues.ToText(customer.Status)).Execute();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask PutStockAsync(IReadOnlyCollection<StockRow> rows)
    {
        foreach (StockRow row in rows)
        {
            // Not one upsert: SQLite checks the invariant on the row it would insert before it finds the one to update.
            if (_reseedStock.Bind(row.Initial).Bind(row.Available).Bind(row.Sku).Execute() == 0)
            {
                _addStock.Bind(row.Sku).Bind(row.Initial).Bind(row.Available).Execute();
            }
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        foreach (SqliteStatement statement in (SqliteStatement[])
            [_begin, _commit, _findReservations, _findCustomers, _findStock, _addReservation, _settleReservation, _changeStock, _putCustomer, _reseedStock, _addStock])
        {
            statement.Dispose();
        }

        connection.Dispose();
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"A transaction met what can't be: {otherwise}.");
        }
    }
}
