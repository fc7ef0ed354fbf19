using Carousel.Broker.Apis;
using Carousel.Broker.Tests.Topics;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

public sealed class CreateTopicsHandlerTests : CatalogTest
{
    [Theory]
    [InlineData("a b", 1, 1, ErrorCode.InvalidTopic)]
    [InlineData("__carousel_meta", 1, 1, ErrorCode.InvalidRequest)]
    [InlineData("__cluster_metadata", 1, 1, ErrorCode.InvalidRequest)]
    [InlineData("__consumer_offsets", 1, 1, ErrorCode.TopicAlreadyExists)]
    [InlineData("a.b", 1, 1, ErrorCode.TopicAlreadyExists)]
    [InlineData("a_b", 1, 1, ErrorCode.InvalidTopic)]
    [InlineData("ok", 0, 1, ErrorCode.InvalidPartitions)]
    [InlineData("ok", -2, 1, ErrorCode.InvalidPartitions)]
    [InlineData("ok", 1, 0, ErrorCode.InvalidReplicationFactor)]
    [InlineData("ok", 1, 3, ErrorCode.InvalidReplicationFactor)]
    [InlineData("ok", 10_001, 1, ErrorCode.PolicyViolation)]
    public async Task What_cant_be_made_is_refused_with_Kafkas_error(string name, int partitionCount, short replicationFactor, ErrorCode error)
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a.b");
        CreateTopicsResponse.CreatableTopicResult result = await CreateAsync(host, new() { Name = name, NumPartitions = partitionCount, ReplicationFactor = replicationFactor });
        Assert.Equal((name, error), (result.Name, result.ErrorCode));
        Assert.NotEmpty(result.ErrorMessage!);
        Assert.Equal(3, host.Catalog.All.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public async Task The_answer_tells_what_was_made_as_far_as_its_version_can(short version)
    {
        await using CatalogHost host = await OpenAsync();
        var topic = new CreateTopicsRequest.CreatableTopic
        {
            Name = "orders", NumPartitions = 3, ReplicationFactor = 1, Configs = [new() { Name = "cleanup.policy", Value = " compact , delete " }],
        };
        CreateTopicsResponse.CreatableTopicResult result = await CreateAsync(host, topic, version);
        Assert.Equal((ErrorCode.None, null), (result.ErrorCode, result.ErrorMessage));
        Assert.Equal(version >= 7 ? host.Catalog.Find("orders")!.Id : Guid.Empty, result.TopicId);
        if (version >= 5)
        {
            Assert.Equal((3, (short)1, 33), (result.NumPartitions, result.ReplicationFactor, result.Configs!.Length));
            CreateTopicsResponse.CreatableTopicConfigs policy = Assert.Single(result.Configs, config => config.Name == "cleanup.policy");
            Assert.Equal(("compact,delete", (sbyte)1), (policy.Value, policy.ConfigSource));
            Assert.All(result.Configs, config => Assert.True(config.Name == "cleanup.policy" || config.ConfigSource == 5));
        }
    }

    [Fact]
    public async Task Nothing_is_made_where_it_was_only_to_be_checked()
    {
        await using CatalogHost host = await OpenAsync();
        CreateTopicsResponse.CreatableTopicResult result = await CreateAsync(host, new() { Name = "orders", NumPartitions = -1, ReplicationFactor = -1 }, validateOnly: true);
        Assert.Equal((ErrorCode.None, 1), (result.ErrorCode, result.NumPartitions));
        Assert.Null(host.Catalog.Find("orders"));
        Assert.Empty(Folders());
    }

    [Fact]
    public async Task Minus_one_is_the_default()
    {
        await using CatalogHost host = await OpenAsync(new TopicCatalogOptions { DefaultPartitionCount = 6 });
        await CreateAsync(host, new() { Name = "orders", NumPartitions = -1, ReplicationFactor = -1 });
        Assert.Equal(6, host.Catalog.Find("orders")!.Partitions.Count);
    }

    [Fact]
    public async Task Any_replication_factor_is_taken_for_1_where_that_was_chosen()
    {
        await using CatalogHost host = await OpenAsync(new TopicCatalogOptions { ClampReplicationFactor = true });
        CreateTopicsResponse.CreatableTopicResult result = await CreateAsync(host, new() { Name = "orders", NumPartitions = 1, ReplicationFactor = 3 });
        Assert.Equal((ErrorCode.None, (short)1), (result.ErrorCode, result.ReplicationFactor));
    }

    public static TheoryData<string, ErrorCode> Assignments => new()
    {
        { "0:1 1:1", ErrorCode.None },
        { "1:1 0:1", ErrorCode.None },
        { "0:1 2:1", ErrorCode.InvalidReplicaAssignment },
        { "0:1 0:1", ErrorCode.InvalidReplicaAssignment },
        { "0:7", ErrorCode.InvalidReplicaAssignment },
        { "0:1,2", ErrorCode.InvalidReplicaAssignment },
        { "0:1,1", ErrorCode.InvalidReplicaAssignment },
        { "0:", ErrorCode.InvalidReplicaAssignment },
    };

    [Theory]
    [MemberData(nameof(Assignments))]
    public async Task Replicas_may_be_assigned_to_the_one_node_there_is(string assignments, ErrorCode error)
    {
        await using CatalogHost host = await OpenAsync();
        CreateTopicsResponse.CreatableTopicResult result = await CreateAsync(
            host,
            new()
            {
                Name = "orders",
                NumPartitions = -1,
                ReplicationFactor = -1,
                Assignments =
                [
                    .. assignments.Split(' ').Select(text => text.Split(':')).Select(pair => new CreateTopicsRequest.CreatableReplicaAssignment
                    {
                        PartitionIndex = int.Parse(pair[0], null), BrokerIds = [.. pair[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, null))],
                    }),
                ],
            });
        Assert.Equal(error, result.ErrorCode);
        Assert.Equal(error == ErrorCode.None ? 2 : null, host.Catalog.Find("orders")?.Partitions.Count);
    }

    [Fact]
    public async Task Assignments_and_counts_exclude_each_other()
    {
        await using CatalogHost host = await OpenAsync();
        CreateTopicsRequest.CreatableReplicaAssignment[] assignments = [new() { PartitionIndex = 0, BrokerIds = [1] }];
        Assert.Equal(ErrorCode.InvalidRequest, (await CreateAsync(host, new() { Name = "a", NumPartitions = 1, ReplicationFactor = -1, Assignments = assignments })).ErrorCode);
        Assert.Equal(ErrorCode.InvalidRequest, (await CreateAsync(host, new() { Name = "a", NumPartitions = -1, ReplicationFactor = 1, Assignments = assignments })).ErrorCode);
    }

    [Fact]
    public async Task Topics_of_one_request_succeed_and_fail_by_themselves()
    {
        await using CatalogHost host = await OpenAsync();
        var request = new CreateTopicsRequest
        {
            Topics =
            [
                new() { Name = "a.b", NumPartitions = 1, ReplicationFactor = 1 },
                new() { Name = "a_b", NumPartitions = 1, ReplicationFactor = 1 },
                new() { Name = "twice", NumPartitions = 1, ReplicationFactor = 1 },
                new() { Name = "twice", NumPartitions = 2, ReplicationFactor = 1 },
                new() { Name = "wrong", NumPartitions = 1, ReplicationFactor = 1, Configs = [new() { Name = "retention.ms", Value = "soon" }] },
            ],
        };
        CreateTopicsResponse answer = await new CreateTopicsHandler(host.Catalog).CallAsync(request);
        Assert.Equal(
            [
                ("a.b", ErrorCode.None, null),
                ("a_b", ErrorCode.InvalidTopic, "Topic 'a_b' collides with existing topic: a.b"),
                ("wrong", ErrorCode.InvalidConfig, "Invalid value soon for configuration retention.ms: Not a number of type LONG"),
                ("twice", ErrorCode.InvalidRequest, "Duplicate topic name."),
            ],
            answer.Topics.Select(topic => (topic.Name, topic.ErrorCode, topic.ErrorMessage)));
        Assert.Equal(["a.b-0"], Folders());
    }

    private static async Task<CreateTopicsResponse.CreatableTopicResult> CreateAsync(
        CatalogHost host, CreateTopicsRequest.CreatableTopic topic, short? version = null, bool validateOnly = false) =>
        Assert.Single((await new CreateTopicsHandler(host.Catalog).CallAsync(new CreateTopicsRequest { Topics = [topic], ValidateOnly = validateOnly }, version)).Topics);
}
