using System.Globalization;
using Carousel.Orders;

namespace Carousel.Cli.Loading;

/// <summary>Reads what <c>carousel seed</c> loads: <c>customers.csv</c> (id,status) and <c>stock.csv</c> (sku,quantity), with header, plain or gzip.</summary>
internal static class SeedFiles
{
    private const int First = 0;
    private const int Second = 1;

    /// <exception cref="LoadingException">Anything in the file that isn't a customer, by line and column.</exception>
    public static IReadOnlyList<SeedCustomer> ReadCustomers(string path)
    {
        using CsvRows rows = CsvRows.Open(path, "id", "status");
        var customers = new List<SeedCustomer>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (rows.Read())
        {
            string id = Identifier(rows, OrderRules.CustomerIdLengthMax, known);
            string status = rows.Text(Second).Trim().ToUpperInvariant();
            customers.Add(status is SeedCustomer.Active or SeedCustomer.Blocked
                ? new SeedCustomer(id, status)
                : throw rows.Refuse(Second, $"{SeedCustomer.Active} or {SeedCustomer.Blocked}"));
        }

        return customers;
    }

    /// <exception cref="LoadingException">Anything in the file that isn't an item with its stock, by line and column.</exception>
    public static IReadOnlyList<SeedStock> ReadStock(string path)
    {
        using CsvRows rows = CsvRows.Open(path, "sku", "quantity");
        var stock = new List<SeedStock>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (rows.Read())
        {
            string sku = Identifier(rows, OrderRules.SkuLengthMax, known);
            stock.Add(long.TryParse(rows.Span(Second), NumberStyles.None, CultureInfo.InvariantCulture, out long quantity)
                ? new SeedStock(sku, quantity)
                : throw rows.Refuse(Second, "a whole number of at least 0"));
        }

        return stock;
    }

    private static string Identifier(CsvRows rows, int lengthMax, HashSet<string> known)
    {
        string id = rows.Text(First);
        if (!Carousel.Orders.Identifier.IsValid(id, lengthMax))
        {
            throw rows.Refuse(First, $"1 to {lengthMax} printable ASCII characters without blanks at the ends");
        }

        return known.Add(id) ? id : throw rows.Refuse(First, "a value that wasn't in an earlier line");
    }
}
