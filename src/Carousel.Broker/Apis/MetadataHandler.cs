using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Tells of the cluster and its topics, and makes those that a client asks for where that is allowed (Kafka's handleTopicMetadataRequest).</summary>
internal sealed class MetadataHandler(TopicCatalog topics, ClusterNode node) : ApiHandler<MetadataRequest, MetadataResponse>
{
    private const short TopicIdsFrom = 12;

    protected override async ValueTask<MetadataResponse?> HandleAsync(MetadataRequest request, RequestContext context)
    {
        var response = new MetadataResponse
        {
            Brokers = [new MetadataResponse.MetadataResponseBroker { NodeId = TopicCatalogOptions.NodeId, Host = node.Host, Port = node.Port }],
            ClusterId = node.ClusterId,
            ControllerId = TopicCatalogOptions.NodeId,
        };
        if (request.IncludeClusterAuthorizedOperations)
        {
            response.ClusterAuthorizedOperations = AuthorizedOperations.Cluster;
        }

        response.Topics = await TopicsAsync(request, context);
        if (request.IncludeTopicAuthorizedOperations)
        {
            // Also of those that aren't there: one may be allowed to create them. But not of an id that says nothing.
            foreach (MetadataResponse.MetadataResponseTopic topic in response.Topics.Where(topic => topic.Name is not null && topic.ErrorCode != ErrorCode.InvalidRequest))
            {
                topic.TopicAuthorizedOperations = AuthorizedOperations.Topic;
            }
        }

        return response;
    }

    private async ValueTask<MetadataResponse.MetadataResponseTopic[]> TopicsAsync(MetadataRequest request, RequestContext context)
    {
        // Before version 1 there was no other way to ask for all.
        if (request.Topics is not { } asked || (context.ApiVersion == 0 && asked.Length == 0))
        {
            return [.. topics.All.Select(Found)];
        }

        if (context.ApiVersion < TopicIdsFrom && asked.Any(topic => topic.Name is null || topic.TopicId != default))
        {
            return [.. asked.Select(topic => Missing(topic.Name ?? "", default, ErrorCode.InvalidRequest))];
        }

        Guid[] ids = [.. asked.Select(topic => topic.TopicId).Where(id => id != default).Distinct()];
        if (ids.Length > 0)
        {
            return [.. ids.Select(id => topics.Find(id) is { } topic ? Found(topic) : Missing(null, id, ErrorCode.UnknownTopicId))];
        }

        string[] names = [.. asked.Select(topic => topic.Name ?? "").Distinct()];
        Dictionary<string, ErrorCode> refused = await CreateMissingAsync(names, request.AllowAutoTopicCreation, context.ConnectionClosed);
        return [.. names.Select(name => topics.Find(name) is { } topic ? Found(topic) : Missing(name, default, refused.GetValueOrDefault(name, UnknownError(name))))];
    }

    /// <returns>The errors of those that could not be made.</returns>
    private async ValueTask<Dictionary<string, ErrorCode>> CreateMissingAsync(string[] names, bool isWanted, CancellationToken cancellationToken)
    {
        string[] missing = isWanted && topics.CreatesTopicsOnDemand ? [.. names.Where(name => topics.Find(name) is null)] : [];
        if (missing.Length == 0)
        {
            return [];
        }

        IReadOnlyList<TopicCreation> results = await topics.CreateAsync([.. missing.Select(NewTopic.WithDefaults)], validateOnly: false, cancellationToken);
        return missing.Zip(results).Where(pair => !pair.Second.IsSuccess).ToDictionary(pair => pair.First, pair => pair.Second.Error);
    }

    private static ErrorCode UnknownError(string name) => TopicName.Problem(name) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopic;

    private static MetadataResponse.MetadataResponseTopic Missing(string? name, Guid id, ErrorCode error) => new() { Name = name, TopicId = id, ErrorCode = error };

    private static MetadataResponse.MetadataResponseTopic Found(Topic topic) => new()
    {
        Name = topic.Name,
        TopicId = topic.Id,
        IsInternal = topic.IsInternal,
        Partitions = [.. topic.Partitions.Select(Describe)],
    };

    /// <summary>
    /// A partition with broken files still has its leader, so that clients come and are told why it doesn't serve them; tools see it as an offline replica.
    /// </summary>
    private static MetadataResponse.MetadataResponsePartition Describe(Partition partition, int number) => new()
    {
        PartitionIndex = number,
        LeaderId = TopicCatalogOptions.NodeId,
        LeaderEpoch = Partition.LeaderEpoch,
        ReplicaNodes = [TopicCatalogOptions.NodeId],
        IsrNodes = [TopicCatalogOptions.NodeId],
        OfflineReplicas = partition.Fault is null ? [] : [TopicCatalogOptions.NodeId],
    };
}
