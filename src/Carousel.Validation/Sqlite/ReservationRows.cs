using Carousel.Orders;
using Carousel.Stages;
using Carousel.Validation.Reservations;

namespace Carousel.Validation.Sqlite;

/// <summary>The columns of a reservation in their one order, for everybody who reads them.</summary>
internal static class ReservationRows
{
    public const string Columns = """
        r.order_id, r.state, r.fingerprint, r.customer_id, r.client, r.source_topic, r.source_partition, r.source_offset,
        r.currency, r.amount, r.items, r.created_at, r.decided_at, r.settled_at, r.reason, r.detail, r.payment_id
        """;

    public static Reservation Read(SqliteStatement row) => new(
        OrderId.Parse(row.Text(0)),
        SqliteValues.ToState(row.Text(1)),
        row.Bytes(2),
        row.Text(3),
        row.TextOrNull(4),
        new RecordPosition(new SourcePartition(row.Text(5), (int)row.Integer(6)), row.Integer(7)),
        row.Text(8),
        SqliteValues.ToAmount(row.Integer(9)),
        row.TextOrNull(10) is { } items ? SqliteValues.ToItems(items) : [],
        SqliteValues.ToTime(row.Integer(11)),
        SqliteValues.ToTime(row.Integer(12)),
        row.IntegerOrNull(13) is { } settled ? SqliteValues.ToTime(settled) : null,
        row.TextOrNull(14),
        row.TextOrNull(15),
        row.TextOrNull(16));
}
