using Carousel.Orders;
using Carousel.Validation.Reservations;
using Microsoft.Data.Sqlite;

namespace Carousel.Validation.Sqlite;

/// <summary>
/// One connection with its prepared statements, used for one transaction after another. A set goes to SQLite as one JSON array; rows are added and
/// settled by one prepared statement each, which inside the process costs less than unpacking them from JSON. Nothing here waits, so every call
/// completes before it returns. Belongs to whoever holds the store's gate.
/// </summary>
internal sealed class SqliteTransactionSession(SqliteConnection connection) : IReservationTransaction, IDisposable
{
    private readonly SqliteStatement _begin = new(connection, "BEGIN IMMEDIATE");
    private readonly SqliteStatement _commit = new(connection, "COMMIT");

    // CROSS JOIN keeps the order written here: the few ids of the batch look up the many rows of the table, never the other way round.
    private readonly SqliteStatement _findReservations = new(
        connection,
        $"SELECT {ReservationRows.Columns} FROM json_each($ids) AS id CROSS JOIN reservation AS r ON r.order_id = id.value",
        "$ids");

    private readonly SqliteStatement _findCustomers = new(
        connection,
        "SELECT c.id, c.status FROM json_each($ids) AS id CROSS JOIN customer AS c ON c.id = id.value",
        "$ids");

    private readonly SqliteStatement _findStock = new(
        connection,
        "SELECT s.sku, s.initial, s.available, s.reserved, s.sold FROM json_each($skus) AS id CROSS JOIN stock AS s ON s.sku = id.value",
        "$skus");

    private readonly SqliteStatement _addReservation = new(
        connection,
        """
        INSERT INTO reservation (order_id, state, fingerprint, customer_id, client, source_topic, source_partition, source_offset,
            currency, amount, items, created_at, decided_at, reason, detail)
        VALUES ($order, $state, $fingerprint, $customer, $client, $topic, $partition, $offset, $currency, $amount, $items, $created, $decided, $reason, $detail)
        """,
        "$order", "$state", "$fingerprint", "$customer", "$client", "$topic", "$partition", "$offset", "$currency", "$amount", "$items", "$created", "$decided", "$reason", "$detail");

    private readonly SqliteStatement _settleReservation = new(
        connection,
        "UPDATE reservation SET state = $state, settled_at = $settled, reason = $reason, detail = $detail, payment_id = $payment WHERE order_id = $order",
        "$state", "$settled", "$reason", "$detail", "$payment", "$order");

    private readonly SqliteStatement _changeStock = new(
        connection,
        """
        UPDATE stock SET available = available + c.value ->> 1, reserved = reserved + c.value ->> 2, sold = sold + c.value ->> 3
        FROM json_each($changes) AS c WHERE stock.sku = c.value ->> 0
        """,
        "$changes");

    private readonly SqliteStatement _putCustomer = new(
        connection,
        "INSERT INTO customer (id, status) VALUES ($id, $status) ON CONFLICT (id) DO UPDATE SET status = excluded.status WHERE status <> excluded.status",
        "$id", "$status");

    private readonly SqliteStatement _putStock = new(
        connection,
        """
        INSERT INTO stock (sku, initial, available, reserved, sold) VALUES ($sku, $initial, $available, 0, 0)
        ON CONFLICT (sku) DO UPDATE SET initial = excluded.initial, available = excluded.available
        """,
        "$sku", "$initial", "$available");

    public void Begin() => _begin.Execute();

    public void Commit() => _commit.Execute();

    public ValueTask<Dictionary<OrderId, Reservation>> FindReservationsAsync(IReadOnlyCollection<OrderId> ids)
    {
        var found = new Dictionary<OrderId, Reservation>();
        using SqliteDataReader rows = _findReservations.Query(SqliteValues.ToJson(ids.Select(id => id.ToString())));
        while (rows.Read())
        {
            Reservation reservation = ReservationRows.Read(rows);
            found[reservation.OrderId] = reservation;
        }

        return ValueTask.FromResult(found);
    }

    public ValueTask<Dictionary<string, CustomerStatus>> FindCustomersAsync(IReadOnlyCollection<string> ids)
    {
        var found = new Dictionary<string, CustomerStatus>(ids.Count, StringComparer.Ordinal);
        using SqliteDataReader rows = _findCustomers.Query(SqliteValues.ToJson(ids));
        while (rows.Read())
        {
            found[rows.GetString(0)] = SqliteValues.ToStatus(rows.GetString(1));
        }

        return ValueTask.FromResult(found);
    }

    public ValueTask<Dictionary<string, StockRow>> FindStockAsync(IReadOnlyCollection<string> skus)
    {
        var found = new Dictionary<string, StockRow>(skus.Count, StringComparer.Ordinal);
        using SqliteDataReader rows = _findStock.Query(SqliteValues.ToJson(skus.Order(StringComparer.Ordinal)));
        while (rows.Read())
        {
            found[rows.GetString(0)] = new StockRow(rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4));
        }

        return ValueTask.FromResult(found);
    }

    public ValueTask AddReservationsAsync(IReadOnlyCollection<Reservation> reservations)
    {
        foreach (Reservation r in reservations)
        {
            _addReservation.Execute(
                r.OrderId.ToString(), SqliteValues.ToText(r.State), r.Fingerprint, r.CustomerId, r.Client,
                r.Source.Partition.Topic, (long)r.Source.Partition.Partition, r.Source.Offset,
                r.Currency, SqliteValues.ToUnits(r.Amount), SqliteValues.ToJson(r.Items),
                SqliteValues.ToMicroseconds(r.CreatedAt), SqliteValues.ToMicroseconds(r.DecidedAt), r.Reason, r.Detail);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask SettleReservationsAsync(IReadOnlyCollection<Reservation> reservations)
    {
        foreach (Reservation r in reservations)
        {
            int rows = _settleReservation.Execute(
                SqliteValues.ToText(r.State), r.SettledAt is { } settled ? SqliteValues.ToMicroseconds(settled) : null, r.Reason, r.Detail, r.PaymentId, r.OrderId.ToString());
            Require(rows == 1, $"order {r.OrderId} isn't in the database and can't be settled");
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ChangeStockAsync(IReadOnlyCollection<StockChange> changes)
    {
        if (changes.Count > 0)
        {
            int rows = _changeStock.Execute(SqliteValues.ToJson(changes));
            Require(rows == changes.Count, $"{changes.Count - rows} of {changes.Count} items to change aren't in the database");
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask PutCustomersAsync(IReadOnlyCollection<Customer> customers)
    {
        foreach (Customer customer in customers)
        {
            _putCustomer.Execute(customer.Id, SqliteValues.ToText(customer.Status));
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask PutStockAsync(IReadOnlyCollection<StockRow> rows)
    {
        foreach (StockRow row in rows)
        {
            _putStock.Execute(row.Sku, row.Initial, row.Available);
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        foreach (SqliteStatement statement in (SqliteStatement[])
            [_begin, _commit, _findReservations, _findCustomers, _findStock, _addReservation, _settleReservation, _changeStock, _putCustomer, _putStock])
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
