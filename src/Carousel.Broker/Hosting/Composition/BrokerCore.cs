using Carousel.Broker.Groups;
using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.StateTopics;
using Carousel.Broker.Topics;
using Carousel.Broker.Topics.Configs;
using Carousel.Broker.Transactions;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Hosting.Composition;

/// <summary>
/// Everything behind the APIs, opened in the order in which the parts need each other: partitions, catalog, groups, transactions. Owns their loops. Closing
/// goes the other way round, and the partitions' loop is the last to end, because all the others wait for what it flushes.
/// </summary>
internal sealed class BrokerCore : IAsyncDisposable
{
    private readonly CancellationTokenSource _stoppingCoordinators = new();
    private readonly CancellationTokenSource _stoppingPartitions = new();
    private Task _partitionsLoop = Task.CompletedTask;
    private Task _groupsLoop = Task.CompletedTask;
    private Task _transactionsLoop = Task.CompletedTask;

    private BrokerCore(PartitionSet partitions, ClusterNode node, TopicCatalog topics) => (Partitions, Node, Topics) = (partitions, node, topics);

    public PartitionSet Partitions { get; }

    public ClusterNode Node { get; }

    public TopicCatalog Topics { get; }

    public GroupCoordinator Groups { get; private set; } = null!;

    public TransactionCoordinator Transactions { get; private set; } = null!;

    public TransactionMarkers Markers { get; private set; } = null!;

    public TransactionEnlistment Enlistment { get; } = new();

    /// <summary>Where the group's offsets are kept.</summary>
    public Func<string, TopicPartition> OffsetsPartitionOf { get; private set; } = null!;

    /// <summary>Ends only when a loop fails, or when this is disposed: then nothing that was acknowledged can be relied on to go on.</summary>
    public Task Failed => Task.WhenAny(_partitionsLoop, _groupsLoop, _transactionsLoop).Unwrap();

    /// <summary>Opens and recovers the data directory.</summary>
    /// <exception cref="DataDirectoryException">It can't be used; the message says why.</exception>
    public static async Task<BrokerCore> OpenAsync(
        BrokerOptions options, IFileSystem files, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        string directory = Path.GetFullPath(options.DataDirectory);
        ClusterIdentity.RefuseForeign(files, directory);
        PartitionSet partitions = await PartitionSet.OpenAsync(options.PartitionSet(directory), files, loggers, time, cancellationToken);
        BrokerCore? core = null;
        try
        {
            var node = new ClusterNode(ClusterIdentity.LoadOrCreate(files, directory).ClusterId, directory);
            core = new BrokerCore(partitions, node, TopicCatalog.Open(partitions, options.Topics, options.StaticConfigs(directory), loggers, time));
            await core.StartAsync(options, loggers, time, cancellationToken);
            return core;
        }
        catch
        {
            await (core?.DisposeAsync() ?? partitions.DisposeAsync());
            throw;
        }
    }

    /// <summary>Sends away whoever waits in a group, so that their connections can end.</summary>
    public async Task StopCoordinatorsAsync()
    {
        await _stoppingCoordinators.CancelAsync();
        await IgnoreCancelAsync(_groupsLoop);
        await IgnoreCancelAsync(_transactionsLoop);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopCoordinatorsAsync();
            await _stoppingPartitions.CancelAsync();
            await IgnoreCancelAsync(_partitionsLoop);
        }
        finally
        {
            Groups?.Dispose();
            Topics.Dispose();
            await Partitions.DisposeAsync();
            _stoppingCoordinators.Dispose();
            _stoppingPartitions.Dispose();
        }
    }

    private static async Task IgnoreCancelAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch (OperationCanceledException)
        {
            // That is how a loop ends that is told to.
        }
    }

    private async Task StartAsync(BrokerOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        _partitionsLoop = Partitions.RunAsync(_stoppingPartitions.Token);
        await Topics.StartAsync(cancellationToken);
        StateTopic offsets = StateTopicOf(TopicName.ConsumerOffsets, time);
        OffsetsPartitionOf = group => new TopicPartition(offsets.Name, offsets.PartitionOf(group));
        Groups = GroupCoordinator.Open(offsets, options.Groups, Enlistment, time, loggers);
        Topics.OnTopicDeleted = topic => Groups.OnTopicDeletedAsync(topic.Name).AsTask();
        Markers = new TransactionMarkers(Topics, Groups);
        var ports = new TransactionPorts(Markers, new PartitionTransactions(Partitions), Topics.ProducerIds);
        Transactions = await TransactionCoordinator.OpenAsync(
            StateTopicOf(TopicName.TransactionState, time), ports, new TransactionOptions(), time, loggers);
        Enlistment.Transactions = Transactions;
        _groupsLoop = Groups.RunAsync(_stoppingCoordinators.Token);
        _transactionsLoop = Transactions.RunAsync(_stoppingCoordinators.Token);
    }

    private StateTopic StateTopicOf(string name, TimeProvider time) =>
        new(name, [.. Topics.Find(name)!.Partitions.Select(partition => new PartitionStateLog(partition, Enlistment))], time);
}
