using Carousel.Validation.Reservations;

namespace Carousel.Validation.Sqlite;

/// <summary>The columns of a stock row in their one order, for everybody who reads them.</summary>
internal static class StockRows
{
    public const string Columns = "s.sku, s.initial, s.available, s.reserved, s.sold";

    public static StockRow Read(SqliteStatement row) => new(row.Text(0), row.Integer(1), row.Integer(2), row.Integer(3), row.Integer(4));
}
