using Carousel.Broker.Apis;
using Carousel.Broker.Tests.Topics;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

public sealed class MetadataHandlerTests : CatalogTest
{
    private readonly ClusterNode _node = new("cluster-of-22-characters", "/data") { Host = "127.0.0.1", Port = 9092 };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task Every_version_tells_of_the_node_and_of_a_topic(short version)
    {
        await using CatalogHost host = await OpenAsync();
        Topic topic = await host.CreateAsync("orders", 2);
        MetadataResponse answer = await Ask(host, version, "orders");

        MetadataResponse.MetadataResponseBroker broker = Assert.Single(answer.Brokers);
        Assert.Equal((1, "127.0.0.1", 9092), (broker.NodeId, broker.Host, broker.Port));
        Assert.Equal(version >= 1 ? 1 : -1, answer.ControllerId);
        Assert.Equal(version >= 2 ? "cluster-of-22-characters" : null, answer.ClusterId);
        MetadataResponse.MetadataResponseTopic found = Assert.Single(answer.Topics);
        Assert.Equal((ErrorCode.None, "orders", false), (found.ErrorCode, found.Name, found.IsInternal));
        Assert.Equal(version >= 10 ? topic.Id : Guid.Empty, found.TopicId);
        Assert.Equal([0, 1], found.Partitions.Select(partition => partition.PartitionIndex));
        Assert.All(found.Partitions, partition =>
        {
            Assert.Equal((1, version >= 7 ? 0 : -1), (partition.LeaderId, partition.LeaderEpoch));
            Assert.Equal([1], partition.ReplicaNodes);
            Assert.Equal([1], partition.IsrNodes);
            Assert.Empty(partition.OfflineReplicas);
        });
    }

    [Fact]
    public async Task Null_asks_for_all_topics_and_so_does_an_empty_list_in_version_0_only()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("orders");
        string[] all = ["__consumer_offsets", "__transaction_state", "orders"];
        Assert.Equal(all, (await Ask(host, new MetadataRequest { Topics = null }, 13)).Topics.Select(topic => topic.Name));
        Assert.Equal(all, (await Ask(host, new MetadataRequest { Topics = [] }, 0)).Topics.Select(topic => topic.Name));
        Assert.Empty((await Ask(host, new MetadataRequest { Topics = [] }, 1)).Topics);
        Assert.True((await Ask(host, 9, "__consumer_offsets")).Topics[0].IsInternal);
    }

    [Fact]
    public async Task A_topic_is_found_by_its_id_and_an_id_that_nobody_has_is_UNKNOWN_TOPIC_ID()
    {
        await using CatalogHost host = await OpenAsync();
        Topic topic = await host.CreateAsync("orders");
        var unknown = Guid.NewGuid();
        MetadataResponse answer = await Ask(
            host, new MetadataRequest { Topics = [new() { Name = null, TopicId = topic.Id }, new() { Name = null, TopicId = unknown }] }, 12);
        Assert.Equal(
            [("orders", topic.Id, ErrorCode.None), (null, unknown, ErrorCode.UnknownTopicId)], answer.Topics.Select(found => (found.Name, found.TopicId, found.ErrorCode)));
    }

    [Fact]
    public async Task An_id_before_version_12_is_an_invalid_request()
    {
        await using CatalogHost host = await OpenAsync();
        MetadataResponse answer = await Ask(host, new MetadataRequest { Topics = [new() { Name = "orders", TopicId = Guid.NewGuid() }] }, 11);
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(answer.Topics).ErrorCode);
    }

    [Fact]
    public async Task A_topic_that_isnt_there_is_unknown_and_a_name_that_none_can_have_is_invalid()
    {
        await using CatalogHost host = await OpenAsync();
        MetadataResponse answer = await Ask(host, 13, "orders", "or ders", "__carousel_meta");
        Assert.Equal(
            [ErrorCode.UnknownTopicOrPartition, ErrorCode.InvalidTopic, ErrorCode.UnknownTopicOrPartition], answer.Topics.Select(topic => topic.ErrorCode));
        Assert.Equal(2, host.Catalog.All.Count);
    }

    [Fact]
    public async Task A_topic_that_isnt_there_is_made_where_broker_and_client_want_it_and_can_be_used_from_the_same_answer()
    {
        await using CatalogHost host = await OpenAsync(new TopicCatalogOptions { AutoCreateTopics = true, DefaultPartitionCount = 3 });
        var unwanted = new MetadataRequest { Topics = [new() { Name = "orders" }], AllowAutoTopicCreation = false };
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await Ask(host, unwanted, 4)).Topics[0].ErrorCode);

        MetadataResponse answer = await Ask(host, 4, "orders", "or ders");
        Assert.Equal((ErrorCode.None, 3), (answer.Topics[0].ErrorCode, answer.Topics[0].Partitions.Length));
        Assert.All(answer.Topics[0].Partitions, partition => Assert.Equal(1, partition.LeaderId));
        Assert.Equal(ErrorCode.InvalidTopic, answer.Topics[1].ErrorCode);
    }

    [Fact]
    public async Task What_a_client_may_do_is_told_when_asked()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("orders");
        var request = new MetadataRequest { Topics = [new() { Name = "orders" }], IncludeTopicAuthorizedOperations = true, IncludeClusterAuthorizedOperations = true };
        MetadataResponse answer = await Ask(host, request, 10);
        Assert.Equal((3576, 8096), (answer.Topics[0].TopicAuthorizedOperations, answer.ClusterAuthorizedOperations));
        Assert.Equal(int.MinValue, (await Ask(host, 10, "orders")).Topics[0].TopicAuthorizedOperations);
    }

    private Task<MetadataResponse> Ask(CatalogHost host, short version, params string[] names) =>
        Ask(host, new MetadataRequest { Topics = [.. names.Select(name => new MetadataRequest.MetadataRequestTopic { Name = name })] }, version);

    private Task<MetadataResponse> Ask(CatalogHost host, MetadataRequest request, short version) => new MetadataHandler(host.Catalog, _node).CallAsync(request, version);
}
