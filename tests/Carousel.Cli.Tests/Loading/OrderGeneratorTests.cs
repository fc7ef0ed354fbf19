using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Carousel.Cli.Loading;
using Carousel.Orders;

namespace Carousel.Cli.Tests.Loading;

public sealed class OrderGeneratorTests
{
    [Fact]
    public void The_same_options_make_the_same_orders()
    {
        OrderGeneratorOptions Options() => new() { Orders = 200, Customers = 20, Skus = 50, Seed = 7 };
        OrderToPost[] first = [.. new OrderGenerator(Options()).Orders()];
        OrderToPost[] second = [.. new OrderGenerator(Options()).Orders()];

        Assert.Equal(first.Select(Text), second.Select(Text));
        Assert.Equal(Text(first[150]), Text(new OrderGenerator(Options()).Order(150)));
    }

    [Fact]
    public void An_order_of_a_seed_is_pinned()
    {
        OrderToPost order = new OrderGenerator(new OrderGeneratorOptions { Seed = 1 }).Order(0);

        Assert.Equal(Pinned, Text(order));
    }

    [Fact]
    public void Every_order_is_sound_and_names_what_is_seeded()
    {
        var generator = new OrderGenerator(new OrderGeneratorOptions { Orders = 2_000, Customers = 30, Skus = 40, CustomerZipf = 1.2 });
        var customers = generator.Seed.Customers.Select(customer => customer.Id).ToHashSet();
        var items = generator.Seed.Stock.Select(item => item.Sku).ToHashSet();
        var lineCounts = new HashSet<int>();

        foreach (OrderToPost posted in generator.Orders())
        {
            OrderLine[] lines = [.. posted.Lines.Select(line => new OrderLine(line.Sku, line.Quantity, decimal.Parse(line.UnitPrice, CultureInfo.InvariantCulture)))];
            var order = new Order(
                OrderId.Parse(posted.IdempotencyKey), posted.CustomerId, OrderStatus.Created, posted.Currency, OrderRules.Total(lines), lines, posted.PaymentToken, DateTime.UnixEpoch);
            Assert.Empty(OrderRules.Check(order));
            Assert.Contains(posted.CustomerId, customers);
            Assert.All(lines, line => Assert.Contains(line.Sku, items));
            lineCounts.Add(lines.Length);
        }

        Assert.Equal(Enumerable.Range(1, 10), lineCounts.Order());
        Assert.Equal(("cust-000001", "sku-000001"), (customers.Min(), items.Min()));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.8)]
    [InlineData(1.0)]
    [InlineData(2.5)]
    public void Zipf_ranks_come_as_often_as_their_share_says(double exponent)
    {
        const int Ranks = 50;
        const int Draws = 400_000;
        var distribution = new ZipfDistribution(Ranks, exponent);
        var random = new SplitMix64(42);
        int[] counts = new int[Ranks];
        for (int i = 0; i < Draws; i++)
        {
            counts[distribution.Rank(random.NextDouble())]++;
        }

        double sum = Enumerable.Range(1, Ranks).Sum(rank => Math.Pow(rank, -exponent));
        for (int rank = 0; rank < Ranks; rank++)
        {
            double expected = Draws * Math.Pow(rank + 1, -exponent) / sum;

            // Five standard deviations of a binomial count: a fixed seed either passes for good or shows a wrong sampler.
            Assert.InRange(counts[rank], expected - (5 * Math.Sqrt(expected)) - 1, expected + (5 * Math.Sqrt(expected)) + 1);
        }
    }

    [Fact]
    public void The_ends_of_the_range_are_ranks_too()
    {
        var distribution = new ZipfDistribution(3, 1);

        Assert.Equal((0, 2), (distribution.Rank(0), distribution.Rank(Math.BitDecrement(1.0))));
    }

    [Fact]
    public void SplitMix64_gives_the_published_numbers()
    {
        var random = new SplitMix64(1234567);

        Assert.Equal((6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL), (random.Next(), random.Next(), random.Next()));
    }

    [Fact]
    public void An_option_out_of_range_is_refused_by_name()
    {
        ValidationException error = Assert.Throws<ValidationException>(() => new OrderGenerator(new OrderGeneratorOptions { Skus = 0 }));

        Assert.Contains("Skus", error.Message, StringComparison.Ordinal);
    }

    private const string Pinned = "gen-1-0 cust-006936 5×sku-000014@3.58 5×sku-000008@30.98 2×sku-000275@74.04 1×sku-000002@27.27 2×sku-000010@23.77 2×sku-000025@30.09 1×sku-000472@66.12 2×sku-000001@14.30 5×sku-000466@89.97 5×sku-000046@22.97";

    private static string Text(OrderToPost order) =>
        $"{order.IdempotencyKey} {order.CustomerId} {string.Join(" ", order.Lines.Select(line => $"{line.Quantity}×{line.Sku}@{line.UnitPrice}"))}";
}
