using Carousel.Cli.Loading;
using Carousel.Monitor.Audit;
using Carousel.Testing;
using Carousel.Testing.Pipeline;

namespace Carousel.Integration.Tests;

/// <summary>Whatever is killed without warning in mid-flow: started again, every order ends once and the books balance.</summary>
public sealed class CrashTests
{
    private const int Orders = 6_000;
    private const double Rate = 400;

    [Fact]
    public async Task Every_service_killed_in_mid_flow_leaves_balanced_books()
    {
        await using var pipeline = new TestPipeline(TestKafka.RequireOrSkip().BootstrapServers, TestKafka.UniquePrefix());
        var generator = new OrderGenerator(new OrderGeneratorOptions { Orders = Orders, Customers = 500, Skus = 200 });
        await pipeline.StartAsync(generator.Seed);
        Task<PostingResult> posting = pipeline.PostAsync(generator.Orders(), Rate);

        foreach (ServiceProcess service in (ServiceProcess[])[pipeline.Fulfillment, pipeline.Validation, pipeline.Payments, pipeline.Gateway, pipeline.Registry, pipeline.Fulfillment])
        {
            await MoreOrdersAsync(pipeline);
            await service.KillAsync();
            await service.StartAsync();
        }

        PostingResult posted = await posting;
        Assert.Equal((Orders, 0L), (posted.Accepted, posted.GivenUp));
        AuditReport report = await pipeline.EndBalancedAsync();
        Assert.Equal(Orders, report.Reconciliation.Fulfilled);
    }

    [Fact]
    public async Task The_broker_killed_in_mid_flow_leaves_balanced_books()
    {
        await using KafkaProcess kafka = await KafkaProcess.StartOrSkipAsync();
        await using var pipeline = new TestPipeline(kafka.Options.BootstrapServers, "");
        var generator = new OrderGenerator(new OrderGeneratorOptions { Orders = Orders, Customers = 500, Skus = 200 });
        await pipeline.StartAsync(generator.Seed);
        Task<PostingResult> posting = pipeline.PostAsync(generator.Orders(), Rate);

        for (int i = 0; i < 2; i++)
        {
            await MoreOrdersAsync(pipeline);
            kafka.Kill();
            await kafka.StartAsync();
        }

        PostingResult posted = await posting;
        Assert.Equal((Orders, 0L), (posted.Accepted, posted.GivenUp));
        AuditReport report = await pipeline.EndBalancedAsync();
        Assert.Equal(Orders, report.Reconciliation.Fulfilled);
    }

    /// <summary>Waits until orders have been fulfilled since the last time it looked, so that a kill comes in mid-flow.</summary>
    private static async Task MoreOrdersAsync(TestPipeline pipeline)
    {
        long before = (await pipeline.AuditAsync()).Reconciliation.Fulfilled;
        await Eventually.TrueAsync(
            "more orders are fulfilled", async () => (await pipeline.AuditAsync()).Reconciliation.Fulfilled, fulfilled => fulfilled > before, TimeSpan.FromMinutes(2));
    }
}
