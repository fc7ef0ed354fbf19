using Carousel.Broker.Apis;
using Carousel.Broker.Tests.Topics;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>DescribeCluster, DescribeTopicPartitions, ElectLeaders, ListPartitionReassignments and the ACLs that aren't there.</summary>
public sealed class ClusterHandlersTests : CatalogTest
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_cluster_is_one_node(short version)
    {
        var handler = new DescribeClusterHandler(new ClusterNode("the-cluster", "/data") { Port = 9092 });
        DescribeClusterResponse answer = await handler.CallAsync(new DescribeClusterRequest { IncludeClusterAuthorizedOperations = true }, version);
        Assert.Equal((ErrorCode.None, "the-cluster", 1, 8096), (answer.ErrorCode, answer.ClusterId, answer.ControllerId, answer.ClusterAuthorizedOperations));
        DescribeClusterResponse.DescribeClusterBroker broker = Assert.Single(answer.Brokers);
        Assert.Equal((1, "127.0.0.1", 9092, false), (broker.BrokerId, broker.Host, broker.Port, broker.IsFenced));
    }

    [Theory]
    [InlineData(2, ErrorCode.MismatchedEndpointType)]
    [InlineData(9, ErrorCode.UnsupportedEndpointType)]
    public async Task Endpoints_of_another_kind_arent_here(sbyte type, ErrorCode error)
    {
        DescribeClusterResponse answer = await new DescribeClusterHandler(new ClusterNode("c", "/data")).CallAsync(new DescribeClusterRequest { EndpointType = type });
        Assert.Equal(error, answer.ErrorCode);
        Assert.Empty(answer.Brokers);
    }

    [Fact]
    public async Task Partitions_come_in_pages_that_meet_where_the_cursor_says()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("b", 3);
        await host.CreateAsync("a", 2);
        var handler = new DescribeTopicPartitionsHandler(host.Catalog);
        var pages = new List<string>();
        DescribeTopicPartitionsRequest.CursorValue? cursor = null;
        do
        {
            DescribeTopicPartitionsResponse page = await handler.CallAsync(new DescribeTopicPartitionsRequest
            {
                Topics = [new() { Name = "b" }, new() { Name = "nobody" }, new() { Name = "a" }], ResponsePartitionLimit = 2, Cursor = cursor,
            });
            pages.Add(string.Join(' ', page.Topics.Select(topic => $"{topic.Name}:{topic.ErrorCode}:{string.Join(',', topic.Partitions.Select(partition => partition.PartitionIndex))}")));
            cursor = page.NextCursor is null ? null : new() { TopicName = page.NextCursor.TopicName, PartitionIndex = page.NextCursor.PartitionIndex };
        }
        while (cursor is not null);
        Assert.Equal(["a:None:0,1", "b:None:0,1", "b:None:2 nobody:UnknownTopicOrPartition:"], pages);
    }

    [Fact]
    public async Task Without_names_all_topics_are_described()
    {
        await using CatalogHost host = await OpenAsync();
        Topic made = await host.CreateAsync("a");
        DescribeTopicPartitionsResponse answer = await new DescribeTopicPartitionsHandler(host.Catalog).CallAsync(new DescribeTopicPartitionsRequest());
        Assert.Equal(["__consumer_offsets", "__transaction_state", "a"], answer.Topics.Select(topic => topic.Name));
        DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic topic = answer.Topics[2];
        Assert.Equal((made.Id, false, 3576), (topic.TopicId, topic.IsInternal, topic.TopicAuthorizedOperations));
        DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition partition = Assert.Single(topic.Partitions);
        Assert.Equal((1, 0), (partition.LeaderId, partition.LeaderEpoch));
        Assert.Equal([1], partition.ReplicaNodes);
        Assert.Equal([1], partition.IsrNodes);
        Assert.Empty(partition.EligibleLeaderReplicas!);
        Assert.Empty(partition.LastKnownElr!);
        Assert.Empty(partition.OfflineReplicas);
        Assert.Null(answer.NextCursor);
    }

    [Fact]
    public async Task A_cursor_before_the_first_partition_is_an_invalid_request()
    {
        await using CatalogHost host = await OpenAsync();
        DescribeTopicPartitionsResponse answer = await new DescribeTopicPartitionsHandler(host.Catalog).CallAsync(
            new DescribeTopicPartitionsRequest { Topics = [new() { Name = "a" }], Cursor = new() { TopicName = "a", PartitionIndex = -1 } });
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(answer.Topics).ErrorCode);
    }

    [Fact]
    public async Task No_leader_needs_to_be_elected()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a");
        var handler = new ElectLeadersHandler(host.Catalog);
        ElectLeadersResponse answer = await handler.CallAsync(new ElectLeadersRequest { TopicPartitions = [new() { Topic = "a", Partitions = [0, 55] }, new() { Topic = "b", Partitions = [0] }] });
        Assert.Equal(
            [
                (0, ErrorCode.ElectionNotNeeded, null), (55, ErrorCode.UnknownTopicOrPartition, "No such partition as a-55"),
                (0, ErrorCode.UnknownTopicOrPartition, "No such topic as b"),
            ],
            answer.ReplicaElectionResults.SelectMany(topic => topic.PartitionResult).Select(result => (result.PartitionId, result.ErrorCode, result.ErrorMessage)));
        Assert.Empty((await handler.CallAsync(new ElectLeadersRequest { TopicPartitions = null })).ReplicaElectionResults);
    }

    [Fact]
    public async Task Nothing_is_being_reassigned()
    {
        ListPartitionReassignmentsResponse answer = await new ListPartitionReassignmentsHandler().CallAsync(new ListPartitionReassignmentsRequest());
        Assert.Equal((ErrorCode.None, null), (answer.ErrorCode, answer.ErrorMessage));
        Assert.Empty(answer.Topics);
    }

    [Fact]
    public async Task There_are_no_ACLs()
    {
        Assert.Equal(ErrorCode.SecurityDisabled, (await new DescribeAclsHandler().CallAsync(new DescribeAclsRequest(), 1)).ErrorCode);
        Assert.Equal(ErrorCode.SecurityDisabled, Assert.Single((await new CreateAclsHandler().CallAsync(new CreateAclsRequest { Creations = [new()] })).Results).ErrorCode);
        Assert.Equal(ErrorCode.SecurityDisabled, Assert.Single((await new DeleteAclsHandler().CallAsync(new DeleteAclsRequest { Filters = [new()] })).FilterResults).ErrorCode);
    }
}
