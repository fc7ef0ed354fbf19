using Carousel.Kafka;
using Confluent.Kafka;

namespace Carousel.Testing.Brokers;

/// <summary>
/// Three nodes of Apache Kafka, of which any one can be killed: new topics have three replicas, and a record is acknowledged when two have it. Disposing
/// kills them and deletes their data.
/// </summary>
public sealed class KafkaCluster : IAsyncDisposable
{
    private const int NodeCount = 3;
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(120);
    private readonly IReadOnlyList<KafkaProcess> _nodes;

    private KafkaCluster(IReadOnlyList<KafkaProcess> nodes) => _nodes = nodes;

    /// <summary>All nodes, <c>host:port</c>, separated by commas.</summary>
    public string Address => string.Join(',', _nodes.Select(node => node.Options.BootstrapServers));

    /// <summary>Starts the nodes, or skips the test where Kafka isn't installed. Returns when each knows of all.</summary>
    public static async Task<KafkaCluster> StartOrSkipAsync()
    {
        string home = KafkaProcess.HomeOrSkip();

        // Each node has a port for clients and, next to it, its controller's.
        int[] ports = [.. Enumerable.Range(0, NodeCount).Select(_ => FreePort.NextRun(2))];
        string voters = string.Join(',', ports.Select((port, index) => $"{index + 1}@127.0.0.1:{port + 1}"));
        var cluster = new KafkaCluster([.. ports.Select((port, index) => new KafkaProcess(home, port, Properties(index + 1, voters)))]);
        try
        {
            await Task.WhenAll(cluster._nodes.Select(node => node.StartAsync()));
            await cluster.WaitForAllAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <param name="id">1 to 3.</param>
    public KafkaProcess Node(int id) => _nodes[id - 1];

    /// <summary>Who leads the partition, which replicas it has, and which of them are in sync.</summary>
    public Task<PartitionMetadata> DescribeAsync(string topic, int partition) => AskAsync(
        admin => admin.GetMetadata(topic, ReadyTimeout).Topics.Single().Partitions.Single(found => found.PartitionId == partition));

    private Task WaitForAllAsync() =>
        Eventually.TrueAsync($"{NodeCount} nodes are in the cluster", () => AskAsync(admin => admin.GetMetadata(ReadyTimeout).Brokers.Count), count => count == NodeCount, ReadyTimeout);

    public async ValueTask DisposeAsync()
    {
        foreach (KafkaProcess node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static string[] Properties(int id, string voters) =>
    [
        $"node.id={id}",
        $"controller.quorum.voters={voters}",
        $"default.replication.factor={NodeCount}",
        "min.insync.replicas=2",
        $"offsets.topic.replication.factor={NodeCount}",
        $"transaction.state.log.replication.factor={NodeCount}",
        "transaction.state.log.min.isr=2",
    ];

    private Task<T> AskAsync<T>(Func<IAdminClient, T> ask) => Task.Run(() =>
    {
        var options = new KafkaOptions { BootstrapServers = Address };
        using IAdminClient admin = new AdminClientBuilder(KafkaClientSettings.Admin(options, "test")).SetLogHandler((_, _) => { }).Build();
        return ask(admin);
    });
}
