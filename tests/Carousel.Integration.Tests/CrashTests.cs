using Carousel.Cli.Loading;
using Carousel.Monitor.Audit;
using Carousel.Testing;
using Carousel.Testing.Brokers;
using Carousel.Testing.Pipeline;

namespace Carousel.Integration.Tests;

/// <summary>Whatever is killed without warning in mid-flow: started again, every order ends once and the books balance.</summary>
[OnEveryBroker]
public sealed class CrashTests
{
    private const double Rate = 300;
    private readonly OrderGenerator _generator = new(new OrderGeneratorOptions { Orders = OrderGeneratorOptions.OrdersMax, Customers = 500, Skus = 200 });

    [Fact]
    public async Task Every_service_killed_in_mid_flow_leaves_balanced_books()
    {
        await using var pipeline = new TestPipeline(TestKafka.RequireOrSkip().BootstrapServers, TestKafka.UniquePrefix());
        await pipeline.StartAsync(_generator.Seed);
        await EndWellAsync(pipeline, async () =>
        {
            foreach (ServiceProcess service in (ServiceProcess[])[pipeline.Fulfillment, pipeline.Validation, pipeline.Payments, pipeline.Gateway, pipeline.Registry])
            {
                await MoreOrdersAsync(pipeline);
                await service.KillAsync();
                await service.StartAsync();
            }
        });
    }

    [Fact]
    public async Task The_broker_killed_in_mid_flow_leaves_balanced_books()
    {
        await using IBrokerUnderTest kafka = await TestKafka.StartOwnOrSkipAsync();
        await using var pipeline = new TestPipeline(kafka.Address, "");
        await pipeline.StartAsync(_generator.Seed);
        await EndWellAsync(pipeline, async () =>
        {
            for (int i = 0; i < 2; i++)
            {
                await MoreOrdersAsync(pipeline);
                await kafka.KillAsync();
                await kafka.StartAsync();
            }
        });
    }

    /// <summary>Orders are posted for as long as the trouble lasts; then all that were accepted have to end well.</summary>
    private async Task EndWellAsync(TestPipeline pipeline, Func<Task> trouble)
    {
        bool isOver = false;
        Task<PostingResult> posting = pipeline.PostAsync(_generator.Orders().TakeWhile(_ => !Volatile.Read(ref isOver)), Rate);
        try
        {
            await trouble();
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        PostingResult posted = await posting;
        Assert.Equal((posted.Posted, 0L), (posted.Accepted, posted.GivenUp));
        AuditReport report = await pipeline.EndBalancedAsync();
        Assert.Equal(posted.Accepted, report.Reconciliation.Fulfilled);
    }

    /// <summary>Waits until orders have been fulfilled since it began to look, so that a kill comes in mid-flow.</summary>
    private static async Task MoreOrdersAsync(TestPipeline pipeline)
    {
        long before = (await pipeline.AuditAsync()).Reconciliation.Fulfilled;
        await Eventually.TrueAsync(
            "more orders are fulfilled", async () => (await pipeline.AuditAsync()).Reconciliation.Fulfilled, fulfilled => fulfilled > before, TimeSpan.FromMinutes(2));
    }
}
