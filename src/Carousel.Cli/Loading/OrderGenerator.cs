using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Carousel.Cli.Loading;

/// <summary>What kind of orders to make up.</summary>
internal sealed class OrderGeneratorOptions
{
    /// <summary>More than anybody waits for: a stream without end asks for so many.</summary>
    public const int OrdersMax = 100_000_000;

    [Range(1, OrdersMax)]
    public int Orders { get; set; } = 100_000;

    [Range(1, 10_000_000)]
    public int Customers { get; set; } = 10_000;

    [Range(1, 10_000_000)]
    public int Skus { get; set; } = 1_000;

    /// <summary>Exponent of the items' popularity: 0 is uniform, 1 is a shop, above 2 nearly everybody buys the same.</summary>
    [Range(0.0, 10.0)]
    public double Zipf { get; set; } = 1.0;

    /// <summary>Exponent of how busy customers are; 0, the default, is uniform.</summary>
    [Range(0.0, 10.0)]
    public double CustomerZipf { get; set; }

    public long Seed { get; set; } = 1;

    /// <summary>An order has 1 to this many lines, uniformly.</summary>
    [Range(1, 2_000)]
    public int LinesMax { get; set; } = 10;

    /// <summary>Pieces of each item on hand.</summary>
    [Range(0L, long.MaxValue)]
    public long StockPerSku { get; set; } = 10_000_000;
}

/// <summary>
/// Sound orders, the same ones for the same options. Order i depends on seed and i alone, so that any part of the stream can be made on its own.
/// </summary>
internal sealed class OrderGenerator
{
    public const string Currency = "GBP";
    public const string PaymentToken = "tok_generated";
    private const int QuantityMax = 5;
    private const int PriceMinPence = 50;
    private const int PriceMaxPence = 9_999;

    private readonly OrderGeneratorOptions _options;
    private readonly ZipfDistribution _skuRanks;
    private readonly ZipfDistribution _customerRanks;
    private readonly string[] _prices;

    /// <exception cref="ValidationException">An option is out of its range.</exception>
    public OrderGenerator(OrderGeneratorOptions options)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        _options = options;
        _skuRanks = new ZipfDistribution(options.Skus, options.Zipf);
        _customerRanks = new ZipfDistribution(options.Customers, options.CustomerZipf);
        _prices = [.. Enumerable.Range(0, options.Skus).Select(PriceOf)];
    }

    public int OrderCount => _options.Orders;

    /// <summary>All customers and items that the orders can name.</summary>
    public SeedData Seed => new(
        [.. Enumerable.Range(0, _options.Customers).Select(rank => new SeedCustomer(CustomerId(rank), SeedCustomer.Active))],
        [.. Enumerable.Range(0, _options.Skus).Select(rank => new SeedStock(Sku(rank), _options.StockPerSku))]);

    public IEnumerable<OrderToPost> Orders() => Enumerable.Range(0, _options.Orders).Select(i => Order(i));

    /// <summary>The order at <paramref name="index"/>, from 0; it may lie beyond <see cref="OrderCount"/> where a stream has no end.</summary>
    public OrderToPost Order(long index)
    {
        SplitMix64 random = SplitMix64.For((ulong)_options.Seed, (ulong)index);
        string customer = CustomerId(_customerRanks.Rank(random.NextDouble()));
        var lines = new LineToPost[1 + random.NextBelow(_options.LinesMax)];
        for (int i = 0; i < lines.Length; i++)
        {
            int rank = _skuRanks.Rank(random.NextDouble());
            lines[i] = new LineToPost(Sku(rank), 1 + random.NextBelow(QuantityMax), _prices[rank]);
        }

        return new OrderToPost($"gen-{_options.Seed}-{index}", customer, Currency, PaymentToken, lines);
    }

    private static string CustomerId(int rank) => $"cust-{rank + 1:D6}";

    private static string Sku(int rank) => $"sku-{rank + 1:D6}";

    /// <summary>An item costs the same whatever the seed of the orders.</summary>
    private static string PriceOf(int rank)
    {
        SplitMix64 random = SplitMix64.For(0, (ulong)rank);
        int pence = PriceMinPence + random.NextBelow(PriceMaxPence - PriceMinPence + 1);
        return (pence / 100m).ToString("0.00", CultureInfo.InvariantCulture);
    }
}
