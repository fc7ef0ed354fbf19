using Carousel.Cli.Loading;
using Carousel.Monitor.Audit;
using Carousel.Testing;
using Carousel.Testing.Brokers;
using Carousel.Testing.Pipeline;
using Confluent.Kafka;

namespace Carousel.Integration.Tests;

/// <summary>Three nodes of Apache Kafka, which alone replicates. The one that leads most is killed, and comes back.</summary>
public sealed class LeaderFailureTests(ITestOutputHelper output)
{
    private const int ReplicaCount = 3;
    private static readonly int Deaths = TestLength.IsLong ? 5 : 1;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Leaders_killed_in_mid_flow_lose_nothing_and_leave_balanced_books()
    {
        await using KafkaCluster cluster = await KafkaCluster.StartOrSkipAsync();
        var generator = new OrderGenerator(new OrderGeneratorOptions { Orders = OrderGeneratorOptions.OrdersMax, Customers = 500, Skus = 200 });
        await using var pipeline = new TestPipeline(cluster.Address, "");
        await pipeline.StartAsync(generator.Seed);
        var flow = new TroubledFlow(pipeline, generator);
        AuditReport report = await flow.EndWellAsync(async () =>
        {
            for (int death = 0; death < Deaths; death++)
            {
                await flow.MoreOrdersAsync();
                await KillLeaderAsync(cluster, pipeline, flow);
            }
        });
        output.WriteLine($"{report.Reconciliation.Fulfilled} orders fulfilled over the deaths of {Deaths} leaders, balanced.");
    }

    /// <summary>Kills who leads the partition with the most orders; when orders have passed without it, it comes back, and everybody is in sync again.</summary>
    private static async Task KillLeaderAsync(KafkaCluster cluster, TestPipeline pipeline, TroubledFlow flow)
    {
        string topic = pipeline.Settings.Topics.Orders;
        int busiest = (await pipeline.EndOffsetsAsync(topic)).Index().MaxBy(partition => partition.Item).Index;
        PartitionMetadata before = await cluster.DescribeAsync(topic, busiest);
        Assert.Equal(ReplicaCount, before.Replicas.Length);
        KafkaProcess leader = cluster.Node(before.Leader);
        leader.Kill();
        await Eventually.TrueAsync(
            $"another than node {before.Leader} leads {topic}-{busiest}",
            () => cluster.DescribeAsync(topic, busiest),
            now => now.Leader >= 0 && now.Leader != before.Leader,
            Patience);
        await flow.MoreOrdersAsync();
        await leader.StartAsync();
        await Eventually.TrueAsync(
            $"all replicas of {topic}-{busiest} are in sync", () => cluster.DescribeAsync(topic, busiest), now => now.InSyncReplicas.Length == ReplicaCount, Patience);
    }
}
