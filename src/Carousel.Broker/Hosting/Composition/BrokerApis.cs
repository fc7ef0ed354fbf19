using Carousel.Broker.Apis;
using Carousel.Broker.Partitions;

namespace Carousel.Broker.Hosting.Composition;

/// <summary>One handler for each API, on top of the core.</summary>
internal static class BrokerApis
{
    /// <param name="stopping">Cancelled when the broker stops.</param>
    public static IReadOnlyCollection<ApiHandler> Of(
        BrokerCore core, BrokerOptions options, MemoryBudget fetchMemory, TimeProvider time, CancellationToken stopping) =>
        [.. Records(core, options, fetchMemory, time, stopping), .. Groups(core), .. Transactions(core, time), .. Admin(core)];

    private static ApiHandler[] Records(BrokerCore core, BrokerOptions options, MemoryBudget fetchMemory, TimeProvider time, CancellationToken stopping) =>
    [
        new ProduceHandler(core.Topics, core.Transactions, core.Enlistment, time),
        new FetchHandler(core.Topics, fetchMemory, options.FetchBytesMax, time, stopping),
        new ListOffsetsHandler(core.Topics),
        new OffsetForLeaderEpochHandler(core.Topics),
        new DeleteRecordsHandler(core.Topics, core.Partitions),
        new SaslHandshakeHandler(),
        new SaslAuthenticateHandler(),
    ];

    private static ApiHandler[] Groups(BrokerCore core)
    {
        var topics = new CatalogDirectory(core.Topics);
        return
        [
            new FindCoordinatorHandler(() => new BrokerEndpoint(Topics.TopicCatalogOptions.NodeId, core.Node.Host, core.Node.Port)),
            new JoinGroupHandler(core.Groups),
            new SyncGroupHandler(core.Groups),
            new HeartbeatHandler(core.Groups),
            new LeaveGroupHandler(core.Groups),
            new OffsetCommitHandler(core.Groups, topics),
            new OffsetFetchHandler(core.Groups, topics),
            new OffsetDeleteHandler(core.Groups, topics),
            new TxnOffsetCommitHandler(core.Groups, topics),
            new DescribeGroupsHandler(core.Groups),
            new ListGroupsHandler(core.Groups),
            new DeleteGroupsHandler(core.Groups),
        ];
    }

    private static ApiHandler[] Transactions(BrokerCore core, TimeProvider time) =>
    [
        new InitProducerIdHandler(core.Transactions),
        new AddPartitionsToTxnHandler(core.Transactions, name => core.Topics.FindPartition(name) is not null),
        new AddOffsetsToTxnHandler(core.Transactions, core.OffsetsPartitionOf),
        new EndTxnHandler(core.Transactions),
        new WriteTxnMarkersHandler(core.Markers),
        new DescribeTransactionsHandler(core.Transactions),
        new ListTransactionsHandler(core.Transactions, time),
        new DescribeProducersHandler(name => core.Topics.FindPartition(name)?.DescribeProducers()),
    ];

    private static ApiHandler[] Admin(BrokerCore core) =>
    [
        new MetadataHandler(core.Topics, core.Node),
        new CreateTopicsHandler(core.Topics),
        new DeleteTopicsHandler(core.Topics),
        new CreatePartitionsHandler(core.Topics),
        new DescribeConfigsHandler(core.Topics),
        new AlterConfigsHandler(core.Topics),
        new IncrementalAlterConfigsHandler(core.Topics),
        new DescribeClusterHandler(core.Node),
        new DescribeTopicPartitionsHandler(core.Topics),
        new DescribeLogDirsHandler(core.Topics, core.Node),
        new ElectLeadersHandler(core.Topics),
        new ListPartitionReassignmentsHandler(),
        new DescribeAclsHandler(),
        new CreateAclsHandler(),
        new DeleteAclsHandler(),
    ];
}
