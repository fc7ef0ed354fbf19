using Carousel.Orders;
using Carousel.Stages;
using Carousel.Validation.Reservations;
using Microsoft.Data.Sqlite;

namespace Carousel.Validation.Sqlite;

/// <summary>The columns of a reservation in their one order, for everybody who reads them.</summary>
internal static class ReservationRows
{
    public const string Columns = """
        r.order_id, r.state, r.fingerprint, r.customer_id, r.client, r.source_topic, r.source_partition, r.source_offset,
        r.currency, r.amount, r.items, r.created_at, r.decided_at, r.settled_at, r.reason, r.detail, r.payment_id
        """;

    public static Reservation Read(SqliteDataReader row) => new(
        OrderId.Parse(row.GetString(0)),
        SqliteValues.ToState(row.GetString(1)),
        row.GetFieldValue<byte[]>(2),
        row.GetString(3),
        Text(row, 4),
        new RecordPosition(new SourcePartition(row.GetString(5), row.GetInt32(6)), row.GetInt64(7)),
        row.GetString(8),
        SqliteValues.ToAmount(row.GetInt64(9)),
        Text(row, 10) is { } items ? SqliteValues.ToItems(items) : [],
        SqliteValues.ToTime(row.GetInt64(11)),
        SqliteValues.ToTime(row.GetInt64(12)),
        row.IsDBNull(13) ? null : SqliteValues.ToTime(row.GetInt64(13)),
        Text(row, 14),
        Text(row, 15),
        Text(row, 16));

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
