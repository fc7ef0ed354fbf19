using Carousel.Cli.Loading;
using Carousel.Monitor.Audit;
using Carousel.Testing;
using Carousel.Testing.Pipeline;

namespace Carousel.Integration.Tests;

/// <summary>A provider that misbehaves in every way it can: nobody is charged twice, and nothing is given up that can still end well.</summary>
[OnEveryBroker]
public sealed class PaymentFaultTests
{
    [Fact]
    public async Task Charged_then_timed_out_5xx_resets_429_and_an_outage_charge_everybody_once()
    {
        await using var pipeline = new TestPipeline(TestKafka.RequireOrSkip().BootstrapServers, TestKafka.UniquePrefix());
        const int Orders = 4_000;
        var generator = new OrderGenerator(new OrderGeneratorOptions { Orders = Orders, Customers = 1_000, Skus = 200 });
        await pipeline.StartAsync(generator.Seed);
        await pipeline.SetFaultsAsync(new
        {
            declineRate = 0.05,
            timeoutAfterChargeRate = 0.01,
            errorAfterChargeRate = 0.03,
            errorBeforeChargeRate = 0.03,
            resetBeforeRate = 0.02,
            resetAfterRate = 0.02,
            rateLimitRate = 0.03,
            unavailableRate = 0.02,
        });
        Task<PostingResult> posting = pipeline.PostAsync(generator.Orders(), rate: 500);
        await Eventually.TrueAsync(
            "orders are fulfilled", async () => (await pipeline.AuditAsync()).Reconciliation.Fulfilled, fulfilled => fulfilled > 0, TimeSpan.FromMinutes(1));
        await pipeline.SetFaultsAsync(new { outage = new { mode = "refuse", forSeconds = 10 } });
        PostingResult posted = await posting;
        Assert.Equal(Orders, posted.Accepted);

        AuditReport report = await pipeline.EndBalancedAsync(TimeSpan.FromMinutes(5));
        Reconciliation books = report.Reconciliation;
        long declined = books.DeadLetters.Where(letters => letters.Reason == "PAYMENT_DECLINED").Sum(letters => letters.Count);
        Assert.True(declined > 0, "Nobody was declined, so the declines weren't tried.");
        Assert.Equal(declined, books.DeadLetters.Sum(letters => letters.Count));
        Assert.Equal(Orders, books.Fulfilled + declined);
    }
}
