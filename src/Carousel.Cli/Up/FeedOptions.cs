using System.CommandLine;
using Carousel.Cli.Loading;

namespace Carousel.Cli.Up;

/// <summary>The flags that choose what is posted: a file of real orders, or generated ones.</summary>
internal sealed class FeedOptions
{
    private readonly OrderGeneratorOptions _defaults = new();
    private readonly Option<FileInfo?> _retail = new("--retail") { Description = "post the orders of a file in the layout of the UCI Online Retail data (CSV, also gzipped)" };
    private readonly Option<int?> _orders = new("--orders") { Description = "post so many generated orders" };
    private readonly Option<double?> _rate = new("--rate") { Description = "orders per second [default: as fast as they are taken]" };
    private readonly Option<int> _customers;
    private readonly Option<int> _skus;
    private readonly Option<double> _zipf;
    private readonly Option<long> _seed;

    public FeedOptions()
    {
        _customers = new("--customers") { Description = "customers of generated orders", DefaultValueFactory = _ => _defaults.Customers };
        _skus = new("--skus") { Description = "items of generated orders", DefaultValueFactory = _ => _defaults.Skus };
        _zipf = new("--zipf") { Description = "how uneven the items' popularity is; 0 is even", DefaultValueFactory = _ => _defaults.Zipf };
        _seed = new("--seed") { Description = "other orders with every seed; the same seed again is the same orders", DefaultValueFactory = _ => _defaults.Seed };
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_retail, _orders, _rate, _customers, _skus, _zipf, _seed])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Null when neither a file nor a number of orders was given.</summary>
    /// <exception cref="UsageException">The flags contradict each other or are out of range.</exception>
    public Feed? Read(ParseResult parsed)
    {
        FileInfo? retail = parsed.GetValue(_retail);
        int? orders = parsed.GetValue(_orders);
        double? rate = parsed.GetValue(_rate);
        if (rate is <= 0)
        {
            throw new UsageException("--rate must be above 0.");
        }

        if (retail is not null && orders is not null)
        {
            throw new UsageException("Give --retail or --orders, not both.");
        }

        if (retail is not null)
        {
            return retail.Exists ? Feed.Retail(retail.FullName) with { RatePerSecond = rate } : throw new UsageException($"There is no file {retail.FullName}.");
        }

        return orders is { } count ? Feed.Generated(Generator(parsed, count), rate) : null;
    }

    private OrderGeneratorOptions Generator(ParseResult parsed, int orders) => new()
    {
        Orders = orders,
        Customers = parsed.GetValue(_customers),
        Skus = parsed.GetValue(_skus),
        Zipf = parsed.GetValue(_zipf),
        Seed = parsed.GetValue(_seed),
    };
}
