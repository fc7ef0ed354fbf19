using Carousel.Testing;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Carousel.Kafka.Tests;

[OnEveryBroker]
public sealed class TopicProvisionerTests
{
    private readonly string _prefix = TestKafka.UniquePrefix();

    [Fact]
    public async Task Missing_topics_are_made_as_wanted_and_once()
    {
        KafkaOptions options = TestKafka.RequireOrSkip();
        var provisioner = new TopicProvisioner(options);
        TopicSpec[] topics = [new(_prefix + "a", 3, Compacted: false), new(_prefix + "b", 5, Compacted: true)];

        IReadOnlyList<string> created = await provisioner.EnsureAsync(topics, TestContext.Current.CancellationToken);
        IReadOnlyList<string> again = await provisioner.EnsureAsync(topics, TestContext.Current.CancellationToken);

        Assert.Equal([_prefix + "a", _prefix + "b"], created);
        Assert.Empty(again);
        Assert.Equal((3, "delete"), await DescribeAsync(options, _prefix + "a"));
        Assert.Equal((5, "compact"), await DescribeAsync(options, _prefix + "b"));
    }

    [Fact]
    public async Task Another_partition_count_is_named_with_found_and_expected()
    {
        var provisioner = new TopicProvisioner(TestKafka.RequireOrSkip());
        await provisioner.EnsureAsync([new(_prefix + "a", 3, Compacted: false)], TestContext.Current.CancellationToken);

        TopicMismatchException mismatch = await Assert.ThrowsAsync<TopicMismatchException>(
            () => provisioner.EnsureAsync([new(_prefix + "a", 24, Compacted: false)], TestContext.Current.CancellationToken));

        Assert.StartsWith($"Topic {_prefix}a has 3 partitions, expected 24.", mismatch.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_cleanup_policy_is_named_with_found_and_expected()
    {
        var provisioner = new TopicProvisioner(TestKafka.RequireOrSkip());
        await provisioner.EnsureAsync([new(_prefix + "a", 3, Compacted: false)], TestContext.Current.CancellationToken);

        TopicMismatchException mismatch = await Assert.ThrowsAsync<TopicMismatchException>(
            () => provisioner.EnsureAsync([new(_prefix + "a", 3, Compacted: true)], TestContext.Current.CancellationToken));

        Assert.StartsWith($"Topic {_prefix}a has cleanup.policy=delete, expected compact.", mismatch.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instances_that_start_at_the_same_time_all_find_the_topics()
    {
        KafkaOptions options = TestKafka.RequireOrSkip();
        TopicSpec[] topics = [.. Enumerable.Range(0, 5).Select(i => new TopicSpec($"{_prefix}{i}", 2, Compacted: i % 2 == 0))];

        IReadOnlyList<string>[] created = await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => new TopicProvisioner(options).EnsureAsync(topics, TestContext.Current.CancellationToken)));

        Assert.All(created, names => Assert.InRange(names.Count, 0, topics.Length));
        Assert.Empty(await new TopicProvisioner(options).EnsureAsync(topics, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_topic_that_another_instance_made_otherwise_at_the_same_time_is_a_mismatch()
    {
        KafkaOptions options = TestKafka.RequireOrSkip();
        Task<bool>[] starts = [.. Enumerable.Range(2, 4).Select(EnsureAsync)];

        bool[] agreed = await Task.WhenAll(starts);

        Assert.Single(agreed, happy => happy);

        async Task<bool> EnsureAsync(int partitions)
        {
            try
            {
                await new TopicProvisioner(options).EnsureAsync([new(_prefix + "a", partitions, Compacted: false)], TestContext.Current.CancellationToken);
                return true;
            }
            catch (TopicMismatchException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task A_small_topic_is_cleaned_early()
    {
        KafkaOptions options = TestKafka.RequireOrSkip();
        await new TopicProvisioner(options).EnsureAsync([new(_prefix + "a", 1, Compacted: true, IsSmall: true)], TestContext.Current.CancellationToken);
        using IAdminClient admin = new AdminClientBuilder(KafkaClientSettings.Admin(options, "test")).Build();
        DescribeConfigsResult configs = (await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = _prefix + "a" }])).Single();
        Assert.Equal("1048576", configs.Entries["segment.bytes"].Value);
        Assert.Equal("0.1", configs.Entries["min.cleanable.dirty.ratio"].Value);
    }

    private static async Task<(int Partitions, string Policy)> DescribeAsync(KafkaOptions options, string topic)
    {
        using IAdminClient admin = new AdminClientBuilder(KafkaClientSettings.Admin(options, "test")).Build();
        Metadata metadata = admin.GetMetadata(topic, TimeSpan.FromSeconds(10));
        List<DescribeConfigsResult> configs = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]);
        return (metadata.Topics.Single().Partitions.Count, configs.Single().Entries["cleanup.policy"].Value);
    }
}
