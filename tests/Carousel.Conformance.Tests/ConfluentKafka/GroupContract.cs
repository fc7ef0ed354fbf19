using Carousel.Conformance.Tests.Brokers;
using Carousel.Testing;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.ConfluentKafka;

/// <summary>Members come, go and die; whatever happens, every partition has one reader, and no record is missed.</summary>
public abstract class GroupContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    private const int PartitionCount = 6;

    [Theory]
    [InlineData(PartitionAssignmentStrategy.Range)]
    [InlineData(PartitionAssignmentStrategy.RoundRobin)]
    [InlineData(PartitionAssignmentStrategy.CooperativeSticky)]
    public async Task A_group_shares_the_partitions_among_whoever_is_there(PartitionAssignmentStrategy strategy)
    {
        string topic = await Clients.CreateTopicAsync(Unique("shared"), PartitionCount);
        string group = Unique($"group-{strategy}");
        using IProducer<string?, string?> producer = Clients.Producer();
        var produced = new List<string>();
        await using GroupMember first = Join();
        await GroupMember.ShareAsync(PartitionCount, first);
        await ProduceAsync(producer, topic, produced);

        await using GroupMember second = Join();
        await GroupMember.ShareAsync(PartitionCount, first, second);
        await ProduceAsync(producer, topic, produced);

        await using GroupMember third = Join();
        await GroupMember.ShareAsync(PartitionCount, first, second, third);
        await ProduceAsync(producer, topic, produced);

        await first.LeaveAsync();
        await GroupMember.ShareAsync(PartitionCount, second, third);
        await ProduceAsync(producer, topic, produced);

        await second.DisposeAsync();
        await ProduceAsync(producer, topic, produced);
        await GroupMember.ShareAsync(PartitionCount, third);
        GroupMember[] everyone = [first, second, third];
        await Eventually.TrueAsync(
            "everything produced was read by a member",
            () => produced.Except(everyone.SelectMany(member => member.Read)).Count(),
            missing => missing == 0,
            Patience);

        GroupMember Join() => new(Clients, group, topic, config => config.PartitionAssignmentStrategy = strategy);
    }

    [Fact]
    public async Task A_static_member_that_comes_back_in_time_gets_its_partitions_without_a_rebalance()
    {
        string topic = await Clients.CreateTopicAsync(Unique("static"), PartitionCount);
        string group = Unique("static-group");
        await using GroupMember one = Join("one");
        await using GroupMember two = Join("two");
        await GroupMember.ShareAsync(PartitionCount, one, two);
        int[] before = two.Partitions;
        int assignmentsOfOne = one.Assignments;

        await two.LeaveAsync();
        await using GroupMember twoAgain = Join("two");
        await GroupMember.ShareAsync(PartitionCount, one, twoAgain);
        Assert.Equal((before, assignmentsOfOne), (twoAgain.Partitions, one.Assignments), Sameness);

        GroupMember Join(string instance) => new(Clients, group, topic, config =>
        {
            (config.GroupInstanceId, config.SessionTimeoutMs, config.PartitionAssignmentStrategy) = (instance, 45_000, PartitionAssignmentStrategy.Range);
        });
    }

    [Fact]
    public async Task Two_members_of_one_instance_name_cannot_both_stay()
    {
        string topic = await Clients.CreateTopicAsync(Unique("doubles"), PartitionCount);
        string group = Unique("doubles-group");
        await using GroupMember original = Join();
        await GroupMember.ShareAsync(PartitionCount, original);
        await using GroupMember twin = Join();
        await GroupMember.ShareAsync(PartitionCount, twin);
        KafkaException fenced = await Assert.ThrowsAnyAsync<KafkaException>(() => original.Ended.WaitAsync(Patience));
        Assert.Equal((ErrorCode.FencedInstanceId, true), (fenced.Error.Code is ErrorCode.Local_Fatal ? ErrorCode.FencedInstanceId : fenced.Error.Code, fenced.Error.IsFatal));

        GroupMember Join() => new(Clients, group, topic, config => config.GroupInstanceId = "same");
    }

    [Fact]
    public async Task Members_that_share_no_assignor_are_told_so()
    {
        string topic = await Clients.CreateTopicAsync(Unique("assignors"), PartitionCount);
        string group = Unique("assignors-group");
        await using GroupMember first = new(Clients, group, topic, config => config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range);
        await GroupMember.ShareAsync(PartitionCount, first);
        using IConsumer<string?, string?> stranger = Clients.Consumer(group, config => config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.RoundRobin);
        stranger.Subscribe(topic);
        ConsumeException refusal = Assert.Throws<ConsumeException>(() => stranger.Consume(Patience));
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, refusal.Error.Code);
    }

    [Fact]
    public async Task Committed_offsets_and_their_metadata_stay_when_all_members_are_gone()
    {
        string topic = await Clients.CreateTopicAsync(Unique("offsets"), PartitionCount);
        string group = Unique("offsets-group");
        using (IConsumer<string?, string?> consumer = Clients.Consumer(group))
        {
            consumer.Commit([new TopicPartitionOffset(topic, 1, 42), new TopicPartitionOffset(topic, 2, 7)]);
        }

        using IConsumer<string?, string?> later = Clients.Consumer(group);
        List<TopicPartitionOffset> committed = later.Committed(Enumerable.Range(0, 3).Select(partition => new TopicPartition(topic, partition)), Patience);
        Assert.Equal([Offset.Unset, new Offset(42), new Offset(7)], committed.OrderBy(partition => partition.Partition.Value).Select(partition => partition.Offset));
    }

    private static async Task ProduceAsync(IProducer<string?, string?> producer, string topic, List<string> produced)
    {
        string[] values = [.. Enumerable.Range(produced.Count, 120).Select(i => $"{i}")];
        produced.AddRange(values);
        await Task.WhenAll(values.Select((value, i) => producer.ProduceAsync(new TopicPartition(topic, i % PartitionCount), new Message<string?, string?> { Value = value })));
    }

    private static bool Sameness((int[] Partitions, int Assignments) expected, (int[] Partitions, int Assignments) actual) =>
        expected.Partitions.SequenceEqual(actual.Partitions) && expected.Assignments == actual.Assignments;
}

public sealed class GroupOnEmbeddedTests(SharedBrokers brokers) : GroupContract(brokers, BrokerKind.Embedded);

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class GroupOnKafkaTests(SharedBrokers brokers) : GroupContract(brokers, BrokerKind.Kafka);
