using Carousel.Cli.Loading;
using Carousel.Monitor.Audit;
using Carousel.Testing;
using Carousel.Testing.Pipeline;

namespace Carousel.Integration.Tests;

/// <summary>Four instances, two of each stage, with slots and memberships of their own that outlive them, one of which is always about to be killed.</summary>
[OnEveryBroker]
public sealed class InstanceCrashTests(ITestOutputHelper output)
{
    private const int InstanceCount = 2;
    private static readonly int DeathsMin = TestLength.IsLong ? 50 : 6;

    /// <summary>Ten minutes' worth in the long version.</summary>
    private static readonly int OrdersMin = TestLength.IsLong ? TroubledFlow.Rate * 600 : 3_000;

    /// <summary>Between two deaths, at most.</summary>
    private static readonly int OrdersBetweenMax = TestLength.IsLong ? 3_000 : 500;

    [Fact]
    public async Task Instances_killed_at_random_again_and_again_leave_balanced_books()
    {
        var generator = new OrderGenerator(new OrderGeneratorOptions { Orders = OrderGeneratorOptions.OrdersMax, Customers = 5_000, Skus = 200 });
        var environment = new Dictionary<string, string>
        {
            ["CAROUSEL_VALIDATION__STATICMEMBERSHIP"] = "true",
            ["CAROUSEL_SETTLEMENT__STATICMEMBERSHIP"] = "true",
            ["CAROUSEL_FULFILLMENT__STATICMEMBERSHIP"] = "true",
        };
        await using var pipeline = new TestPipeline(TestKafka.RequireOrSkip().BootstrapServers, TestKafka.UniquePrefix(), environment, instances: InstanceCount);
        await pipeline.StartAsync(generator.Seed);
        ServiceProcess[] instances = [.. pipeline.Validations, .. pipeline.Fulfillments];
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        int[] deaths = new int[instances.Length];
        var flow = new TroubledFlow(pipeline, generator);
        long started = TimeProvider.System.GetTimestamp();
        AuditReport report = await flow.EndWellAsync(async () =>
        {
            while (flow.Posted < OrdersMin || deaths.Sum() < DeathsMin)
            {
                await flow.MoreOrdersAsync(random.Next(OrdersBetweenMax));
                int victim = random.Next(instances.Length);
                deaths[victim]++;
                await instances[victim].KillAsync();
                await instances[victim].StartAsync();
            }
        });
        output.WriteLine(
            $"Seed {seed}: {report.Reconciliation.Fulfilled} orders fulfilled, {string.Join(" + ", deaths)} deaths in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:N0} s, balanced.");
    }
}
