using Carousel.Broker.Apis;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Topics;
using Carousel.Broker.Topics;
using Carousel.Wire;
using Carousel.Wire.Records;

namespace Carousel.Broker.Tests.Apis;

/// <summary>DeleteTopics, CreatePartitions, DeleteRecords and DescribeLogDirs.</summary>
public sealed class TopicChangesTests : CatalogTest
{
    [Fact]
    public async Task Topics_are_deleted_by_name_or_id()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a");
        Guid id = (await host.CreateAsync("b")).Id;
        var unknown = Guid.NewGuid();
        var request = new DeleteTopicsRequest
        {
            Topics =
            [
                new() { Name = "a" }, new() { TopicId = id }, new() { Name = "nobody" }, new() { TopicId = unknown }, new() { Name = "x", TopicId = unknown }, new(),
                new() { Name = "__consumer_offsets" }, new() { Name = "twice" }, new() { Name = "twice" },
            ],
        };
        DeleteTopicsResponse answer = await new DeleteTopicsHandler(host.Catalog).CallAsync(request);
        Assert.Equal(
            [
                ("a", ErrorCode.None), ("b", ErrorCode.None), ("nobody", ErrorCode.UnknownTopicOrPartition), (null, ErrorCode.UnknownTopicId),
                ("x", ErrorCode.InvalidRequest), (null, ErrorCode.InvalidRequest), ("__consumer_offsets", ErrorCode.InvalidRequest), ("twice", ErrorCode.InvalidRequest),
            ],
            answer.Responses.Select(result => (result.Name, result.ErrorCode)));
        Assert.Equal(2, host.Catalog.All.Count);
    }

    [Fact]
    public async Task Old_versions_delete_by_name()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a");
        DeleteTopicsResponse answer = await new DeleteTopicsHandler(host.Catalog).CallAsync(new DeleteTopicsRequest { TopicNames = ["a", "b"] }, version: 1);
        Assert.Equal([("a", ErrorCode.None), ("b", ErrorCode.UnknownTopicOrPartition)], answer.Responses.Select(result => (result.Name, result.ErrorCode)));
    }

    [Fact]
    public async Task Partitions_are_added_and_each_topic_is_in_the_answer()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a", 2);
        await host.CreateAsync("b", 2);
        await host.CreateAsync("c", 2);
        var request = new CreatePartitionsRequest
        {
            Topics =
            [
                new() { Name = "a", Count = 4, Assignments = null },
                new() { Name = "b", Count = 3, Assignments = [new() { BrokerIds = [2] }] },
                new() { Name = "c", Count = 4, Assignments = [new() { BrokerIds = [1] }] },
                new() { Name = "nobody", Count = 4, Assignments = null },
                new() { Name = "twice", Count = 4, Assignments = null },
                new() { Name = "twice", Count = 5, Assignments = null },
            ],
        };
        CreatePartitionsResponse answer = await new CreatePartitionsHandler(host.Catalog).CallAsync(request);
        Assert.Equal(
            [
                ("a", ErrorCode.None, null),
                ("b", ErrorCode.InvalidReplicaAssignment, "The manual partition assignment includes broker 2, but no such broker is registered."),
                ("c", ErrorCode.InvalidReplicaAssignment, "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified."),
                ("nobody", ErrorCode.UnknownTopicOrPartition, null),
                ("twice", ErrorCode.InvalidRequest, "Duplicate topic name."),
            ],
            answer.Results.Select(result => (result.Name, result.ErrorCode, result.ErrorMessage)));
        Assert.Equal([4, 2, 2], host.Catalog.All.Where(topic => !topic.IsInternal).Select(topic => topic.Partitions.Count));
    }

    [Fact]
    public async Task Records_are_deleted_up_to_an_offset_or_the_high_watermark()
    {
        await using CatalogHost host = await OpenAsync();
        Partition partition = (await host.CreateAsync("a")).Partitions[0];
        await AppendAsync(partition, count: 10);
        Assert.Equal((ErrorCode.None, 4), await DeleteAsync(host, "a", 0, 4));
        Assert.Equal((ErrorCode.None, 4), await DeleteAsync(host, "a", 0, 2));
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1), await DeleteAsync(host, "a", 0, 11));
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1), await DeleteAsync(host, "a", 0, -2));
        Assert.Equal((ErrorCode.None, 10), await DeleteAsync(host, "a", 0, -1));
        Assert.Equal((10, 10), (partition.LogStartOffset, partition.LogEndOffset));
    }

    [Fact]
    public async Task The_first_offset_stays_where_it_was_moved_after_a_restart()
    {
        await using (CatalogHost host = await OpenAsync())
        {
            await AppendAsync((await host.CreateAsync("a")).Partitions[0], count: 10);
            Assert.Equal((ErrorCode.None, 7), await DeleteAsync(host, "a", 0, 7));
        }

        await using CatalogHost again = await OpenAsync();
        Assert.Equal(7, again.Catalog.Find("a")!.Partitions[0].LogStartOffset);
    }

    [Fact]
    public async Task Records_of_unknown_compacted_and_internal_topics_arent_deleted()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("compacted", 1, ("cleanup.policy", "compact"));
        await host.CreateAsync("both", 1, ("cleanup.policy", "compact,delete"));
        Assert.Equal((ErrorCode.PolicyViolation, -1), await DeleteAsync(host, "compacted", 0, 0));
        Assert.Equal((ErrorCode.None, 0), await DeleteAsync(host, "both", 0, 0));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1), await DeleteAsync(host, "nobody", 0, 0));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1), await DeleteAsync(host, "both", 1, 0));
        Assert.Equal((ErrorCode.InvalidTopic, -1), await DeleteAsync(host, "__consumer_offsets", 0, 0));
    }

    [Fact]
    public async Task Sizes_are_those_of_the_logs()
    {
        await using CatalogHost host = await OpenAsync();
        Topic topic = await host.CreateAsync("a", 2);
        await AppendAsync(topic.Partitions[1], count: 10);
        var handler = new DescribeLogDirsHandler(host.Catalog, new ClusterNode("c", Directory));
        DescribeLogDirsResponse.DescribeLogDirsResult all = Assert.Single((await handler.CallAsync(new DescribeLogDirsRequest { Topics = null })).Results);
        Assert.Equal((ErrorCode.None, Directory), (all.ErrorCode, all.LogDir));
        Assert.True(all.TotalBytes >= all.UsableBytes && all.UsableBytes > 0);
        Assert.Equal(["__consumer_offsets", "__transaction_state", "a"], all.Topics.Select(found => found.Name));
        Assert.Equal([0, topic.Partitions[1].SizeBytes], all.Topics[2].Partitions.Select(partition => partition.PartitionSize));

        DescribeLogDirsResponse one = await handler.CallAsync(new DescribeLogDirsRequest { Topics = [new() { Topic = "a", Partitions = [1, 7] }, new() { Topic = "b", Partitions = [0] }] }, 1);
        Assert.Equal(1, Assert.Single(Assert.Single(Assert.Single(one.Results).Topics).Partitions).PartitionIndex);
    }

    private static async Task<(ErrorCode Error, long LowWatermark)> DeleteAsync(CatalogHost host, string topic, int partition, long offset)
    {
        var request = new DeleteRecordsRequest { Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition, Offset = offset }] }] };
        DeleteRecordsResponse answer = await new DeleteRecordsHandler(host.Catalog, host.Partitions).CallAsync(request);
        DeleteRecordsResponse.DeleteRecordsPartitionResult result = Assert.Single(Assert.Single(answer.Topics).Partitions);
        return (result.ErrorCode, result.LowWatermark);
    }

    private static async Task AppendAsync(Partition partition, int count)
    {
        var batch = new RecordBatchBuilder(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        for (int i = 0; i < count; i++)
        {
            batch.Add(null, [1, 2, 3]);
        }

        AppendResult result = partition.Append(batch.Build(), AppendOrigin.Client);
        Assert.Null(result.Reason);
        Assert.Equal(ErrorCode.None, await partition.WaitUntilDurableAsync(result.LastOffset, CancellationToken.None));
    }
}
