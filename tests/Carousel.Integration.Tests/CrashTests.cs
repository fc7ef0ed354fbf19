using Carousel.Cli.Loading;
using Carousel.Testing;
using Carousel.Testing.Brokers;
using Carousel.Testing.Pipeline;

namespace Carousel.Integration.Tests;

/// <summary>Whatever is killed without warning in mid-flow: started again, every order ends once and the books balance.</summary>
[OnEveryBroker]
public sealed class CrashTests
{
    private readonly OrderGenerator _generator = new(new OrderGeneratorOptions { Orders = OrderGeneratorOptions.OrdersMax, Customers = 500, Skus = 200 });

    [Fact]
    public async Task Every_service_killed_in_mid_flow_leaves_balanced_books()
    {
        await using var pipeline = new TestPipeline(TestKafka.RequireOrSkip().BootstrapServers, TestKafka.UniquePrefix());
        await pipeline.StartAsync(_generator.Seed);
        var flow = new TroubledFlow(pipeline, _generator);
        await flow.EndWellAsync(async () =>
        {
            foreach (ServiceProcess service in (ServiceProcess[])[pipeline.Fulfillment, pipeline.Validation, pipeline.Payments, pipeline.Gateway, pipeline.Registry])
            {
                await flow.MoreOrdersAsync();
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
        var flow = new TroubledFlow(pipeline, _generator);
        await flow.EndWellAsync(async () =>
        {
            for (int i = 0; i < 2; i++)
            {
                await flow.MoreOrdersAsync();
                await kafka.KillAsync();
                await kafka.StartAsync();
            }
        });
    }
}
