using Carousel.Cli.Loading;
using Carousel.Monitor.Audit;
using Carousel.Testing;
using Carousel.Testing.Pipeline;

namespace Carousel.Integration.Tests;

/// <summary>Everybody wants the same item.</summary>
[OnEveryBroker]
public sealed class FlashSaleTests
{
    [Fact]
    public async Task Ten_thousand_orders_for_five_thousand_pieces_sell_exactly_five_thousand()
    {
        const int Orders = 10_000;
        const int Pieces = 5_000;
        await using var pipeline = new TestPipeline(TestKafka.RequireOrSkip().BootstrapServers, TestKafka.UniquePrefix());
        await pipeline.StartAsync(new SeedData([.. Enumerable.Range(0, 2_000).Select(i => new SeedCustomer($"cust-{i}", SeedCustomer.Active))], [new SeedStock("hot-item", Pieces)]));
        await pipeline.SetFaultsAsync(new { latency = new { distribution = "fixed", medianMs = 20 } });
        PostingResult posted = await pipeline.PostAsync(Enumerable.Range(0, Orders).Select(i =>
            new OrderToPost($"sale-{i}", $"cust-{i % 2_000}", "EUR", "tok_sale", [new LineToPost("hot-item", 1, "19.99")])));
        Assert.Equal(Orders, posted.Accepted);

        Reconciliation books = (await pipeline.EndBalancedAsync()).Reconciliation;
        Assert.Equal(Pieces, books.Fulfilled);
        Assert.Equal((0L, Pieces), (books.Stock.Available, books.Stock.Sold));
        DeadLetterCount refused = Assert.Single(books.DeadLetters);
        Assert.Equal(("OUT_OF_STOCK", (long)(Orders - Pieces)), (refused.Reason, refused.Count));
        Assert.Equal(new MoneyCount("EUR", Pieces, Pieces * 19.99m), Assert.Single(books.Charged));
    }
}
