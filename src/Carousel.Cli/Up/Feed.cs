using Carousel.Cli.Loading;

namespace Carousel.Cli.Up;

/// <summary>Orders to post and what validation has to know of them.</summary>
/// <param name="Expected">How many there are; null for a stream without end.</param>
/// <param name="RatePerSecond">Null: as fast as the gateway takes them.</param>
internal sealed record Feed(IEnumerable<OrderToPost> Orders, long? Expected, SeedData Seed, double? RatePerSecond)
{
    private const double GentleRate = 5;

    public static Feed Retail(string path)
    {
        RetailFile file = RetailFile.Open(path);
        return new Feed(file.ReadOrders(), file.OrderCount, file.Seed, RatePerSecond: null);
    }

    public static Feed Generated(OrderGeneratorOptions options, double? rate)
    {
        var generator = new OrderGenerator(options);
        return new Feed(generator.Orders(), generator.OrderCount, generator.Seed, rate);
    }

    /// <summary>Some orders a second, others at every start.</summary>
    public static Feed Gentle(TimeProvider time)
    {
        var options = new OrderGeneratorOptions { Orders = OrderGeneratorOptions.OrdersMax, Seed = time.GetUtcNow().ToUnixTimeSeconds() };
        var generator = new OrderGenerator(options);
        return new Feed(generator.Orders(), Expected: null, generator.Seed, GentleRate);
    }
}
