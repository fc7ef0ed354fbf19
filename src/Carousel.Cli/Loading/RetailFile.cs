using System.Runtime.InteropServices;

namespace Carousel.Cli.Loading;

/// <summary>
/// The UCI "Online Retail" data as orders: one per InvoiceNo, lines in file order. The file is read twice, as a stream: once by <see cref="Open"/>,
/// which learns where each invoice ends and what is to be seeded, and once by every <see cref="ReadOrders"/>. The lines of an invoice need not
/// be adjacent (those of 542806 aren't), so an order comes out when its last line was read; only unfinished invoices are held in memory.
/// </summary>
internal sealed class RetailFile
{
    /// <summary>Customer of an invoice that names none; it isn't seeded, so validation refuses it.</summary>
    public const string Guest = "guest";

    public const string Currency = "GBP";
    public const string PaymentToken = "tok_retail";

    /// <summary>Pieces of each item on hand: more than anybody ordered.</summary>
    public const long StockPerItem = 10_000_000;

    private const int InvoiceNo = 0;
    private const int StockCode = 1;
    private const int Quantity = 2;
    private const int UnitPrice = 3;
    private const int CustomerId = 4;
    private static readonly string[] Columns = ["InvoiceNo", "StockCode", "Quantity", "UnitPrice", "CustomerID"];

    private readonly string _path;
    private readonly Dictionary<string, int> _lineCounts;

    private RetailFile(string path, Dictionary<string, int> lineCounts, long lineCount, SeedData seed)
    {
        _path = path;
        _lineCounts = lineCounts;
        LineCount = lineCount;
        Seed = seed;
    }

    public int OrderCount => _lineCounts.Count;

    public long LineCount { get; }

    /// <summary>Every customer and item of the file.</summary>
    public SeedData Seed { get; }

    /// <exception cref="LoadingException">The file is missing, has another header, or a row that isn't one.</exception>
    public static RetailFile Open(string path)
    {
        using CsvRows rows = CsvRows.Open(path, Columns);
        var lineCounts = new Dictionary<string, int>(StringComparer.Ordinal);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> counts = lineCounts.GetAlternateLookup<ReadOnlySpan<char>>();
        var customers = new SortedSet<string>(StringComparer.Ordinal);
        var items = new HashSet<string>(StringComparer.Ordinal);
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> itemsBySpan = items.GetAlternateLookup<ReadOnlySpan<char>>();
        long lineCount = 0;
        while (rows.Read())
        {
            CheckRow(rows);
            CollectionsMarshal.GetValueRefOrAddDefault(counts, rows.Span(InvoiceNo), out _)++;
            itemsBySpan.Add(rows.Span(StockCode));
            if (!rows.Span(CustomerId).IsEmpty)
            {
                customers.Add(CustomerOf(rows));
            }

            lineCount++;
        }

        var seed = new SeedData(
            [.. customers.Select(id => new SeedCustomer(id, SeedCustomer.Active))],
            [.. items.Order(StringComparer.Ordinal).Select(sku => new SeedStock(sku, StockPerItem))]);
        return new RetailFile(path, lineCounts, lineCount, seed);
    }

    /// <summary>The orders, by the place of their last line. Each enumeration reads the file anew.</summary>
    public IEnumerable<OrderToPost> ReadOrders()
    {
        using CsvRows rows = CsvRows.Open(_path, Columns);
        var unfinished = new Dictionary<string, List<LineToPost>>(StringComparer.Ordinal);
        while (rows.Read())
        {
            CheckRow(rows);
            string invoice = rows.Text(InvoiceNo);
            if (!unfinished.TryGetValue(invoice, out List<LineToPost>? lines))
            {
                unfinished.Add(invoice, lines = []);
            }

            lines.Add(new LineToPost(rows.Text(StockCode), rows.Integer(Quantity), rows.DecimalText(UnitPrice)));
            if (lines.Count == _lineCounts.GetValueOrDefault(invoice))
            {
                unfinished.Remove(invoice);
                yield return new OrderToPost(invoice, CustomerOf(rows), Currency, PaymentToken, lines);
            }
        }

        if (unfinished.Count > 0)
        {
            throw new LoadingException($"{_path} changed while it was read: invoice {unfinished.Keys.First()} has other lines than before. Load it again.");
        }
    }

    private static string CustomerOf(CsvRows rows) => rows.Span(CustomerId) is { IsEmpty: false } id ? $"cust-{id}" : Guest;

    private static void CheckRow(CsvRows rows)
    {
        if (rows.Span(InvoiceNo).IsEmpty)
        {
            throw rows.Refuse(InvoiceNo, "an invoice number");
        }

        if (rows.Span(StockCode).IsEmpty)
        {
            throw rows.Refuse(StockCode, "an item code");
        }

        rows.Integer(Quantity);
        rows.DecimalText(UnitPrice);
    }
}
