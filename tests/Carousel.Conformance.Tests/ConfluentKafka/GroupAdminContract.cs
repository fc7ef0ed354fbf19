using Carousel.Conformance.Tests.Brokers;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Carousel.Conformance.Tests.ConfluentKafka;

/// <summary>Groups and their offsets, as an administrator handles them.</summary>
public abstract class GroupAdminContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    private const int PartitionCount = 3;

    [Fact]
    public async Task A_group_at_work_is_listed_described_and_not_to_be_deleted()
    {
        using IAdminClient admin = Clients.Admin();
        string topic = await Clients.CreateTopicAsync(Unique("work"), PartitionCount);
        string group = Unique("work-group");
        await using var member = new GroupMember(Clients, group, topic, config => (config.ClientId, config.GroupInstanceId) = ("the-client", "the-instance"));
        await GroupMember.ShareAsync(PartitionCount, member);

        ConsumerGroupListing listing = Assert.Single((await admin.ListConsumerGroupsAsync()).Valid, listing => listing.GroupId == group);
        Assert.Equal((ConsumerGroupState.Stable, false), (listing.State, listing.IsSimpleConsumerGroup));

        ConsumerGroupDescription description = (await admin.DescribeConsumerGroupsAsync([group])).ConsumerGroupDescriptions.Single();
        Assert.Equal((ConsumerGroupState.Stable, "range", 1), (description.State, description.PartitionAssignor, description.Coordinator.Id));
        MemberDescription described = Assert.Single(description.Members);
        Assert.Equal(("the-client", "the-instance", member.MemberId), (described.ClientId, described.GroupInstanceId, described.ConsumerId));
        Assert.Contains("127.0.0.1", described.Host, StringComparison.Ordinal);
        Assert.Equal([0, 1, 2], described.Assignment.TopicPartitions.Select(partition => partition.Partition.Value).Order());

        DeleteGroupsException refusal = await Assert.ThrowsAsync<DeleteGroupsException>(() => admin.DeleteGroupsAsync([group]));
        Assert.Equal(ErrorCode.NonEmptyGroup, refusal.Results.Single().Error.Code);
        DeleteConsumerGroupOffsetsException subscribed = await Assert.ThrowsAsync<DeleteConsumerGroupOffsetsException>(
            () => admin.DeleteConsumerGroupOffsetsAsync(group, [new TopicPartition(topic, 0)]));
        Assert.Equal(ErrorCode.GroupSubscribedToTopic, subscribed.Result.Partitions.Single().Error.Code);
        KafkaException busy = await Assert.ThrowsAnyAsync<KafkaException>(() => SetOffsetsAsync(admin, group, new TopicPartitionOffset(topic, 0, 1)));
        Assert.Equal(ErrorCode.UnknownMemberId, busy is AlterConsumerGroupOffsetsException several ? several.Results.Single().Partitions.Single().Error.Code : busy.Error.Code);
    }

    [Fact]
    public async Task Offsets_of_an_idle_group_are_set_listed_and_deleted_and_then_the_group_is()
    {
        using IAdminClient admin = Clients.Admin();
        string topic = await Clients.CreateTopicAsync(Unique("idle"), PartitionCount);
        string group = Unique("idle-group");
        await SetOffsetsAsync(admin, group, new TopicPartitionOffset(topic, 0, 3), new TopicPartitionOffset(topic, 1, 8));
        Assert.Equal([(0, 3L), (1, 8L)], await OffsetsAsync());

        DeleteConsumerGroupOffsetsResult deleted = await admin.DeleteConsumerGroupOffsetsAsync(group, [new TopicPartition(topic, 0)]);
        Assert.Equal(0, deleted.Partitions.Single().Partition.Value);
        Assert.Equal([(1, 8L)], await OffsetsAsync());
        ConsumerGroupDescription description = (await admin.DescribeConsumerGroupsAsync([group])).ConsumerGroupDescriptions.Single();
        Assert.Equal((ConsumerGroupState.Empty, 0), (description.State, description.Members.Count));

        await admin.DeleteGroupsAsync([group]);
        Assert.Empty(await OffsetsAsync());
        Assert.DoesNotContain((await admin.ListConsumerGroupsAsync()).Valid, listing => listing.GroupId == group);
        DeleteGroupsException gone = await Assert.ThrowsAsync<DeleteGroupsException>(() => admin.DeleteGroupsAsync([group]));
        Assert.Equal(ErrorCode.GroupIdNotFound, gone.Results.Single().Error.Code);

        async Task<(int, long)[]> OffsetsAsync()
        {
            List<ListConsumerGroupOffsetsResult> results = await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, null)]);
            return [.. results.Single().Partitions.Select(partition => (partition.Partition.Value, partition.Offset.Value)).Order()];
        }
    }

    private static Task SetOffsetsAsync(IAdminClient admin, string group, params TopicPartitionOffset[] offsets) =>
        admin.AlterConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitionOffsets(group, [.. offsets])]);
}

public sealed class GroupAdminOnEmbeddedTests(SharedBrokers brokers) : GroupAdminContract(brokers, BrokerKind.Embedded);

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class GroupAdminOnKafkaTests(SharedBrokers brokers) : GroupAdminContract(brokers, BrokerKind.Kafka);
