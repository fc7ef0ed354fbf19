using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Carousel.Kafka;

/// <summary>Creates the topics that are missing and checks those that are there; it never alters one.</summary>
public sealed class TopicProvisioner(KafkaOptions options)
{
    private const int ReplicationFactorMax = 3;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>After this, every topic exists with the partition count and cleanup policy wanted.</summary>
    /// <returns>The names of the topics that were created.</returns>
    /// <exception cref="TopicMismatchException">A topic exists with other settings; the message names it, what was found and what is expected.</exception>
    /// <exception cref="KafkaException">The cluster can't be reached or refuses.</exception>
    public async Task<IReadOnlyList<string>> EnsureAsync(IReadOnlyList<TopicSpec> topics, CancellationToken cancellationToken)
    {
        using IAdminClient admin = new AdminClientBuilder(KafkaClientSettings.Admin(options, "carousel-topics")).SetLogHandler((_, _) => { }).Build();
        Metadata metadata = await MetadataAsync(admin, cancellationToken);
        List<TopicSpec> missing = [.. topics.Where(topic => !Exists(metadata, topic))];
        if (missing.Count > 0)
        {
            await CreateAsync(admin, missing, metadata.Brokers.Count);

            // What was created is read back: another instance may have been first, with other settings.
            metadata = await WaitUntilUsableAsync(admin, topics, cancellationToken);
        }

        Check(metadata, topics);
        await CheckCleanupAsync(admin, topics);
        return [.. missing.Select(topic => topic.Name)];
    }

    private static Task<Metadata> MetadataAsync(IAdminClient admin, CancellationToken cancellationToken) =>
        Task.Run(() => admin.GetMetadata(Timeout), cancellationToken);

    /// <summary>A new topic can be used once each of its partitions has a leader, which the cluster only tells who asks.</summary>
    private static async Task<Metadata> WaitUntilUsableAsync(IAdminClient admin, IReadOnlyList<TopicSpec> topics, CancellationToken cancellationToken)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Metadata metadata = await MetadataAsync(admin, cancellationToken);
            List<string> waiting = [.. topics.Where(topic => !IsUsable(metadata, topic)).Select(topic => topic.Name)];
            if (waiting.Count == 0)
            {
                return metadata;
            }

            if (TimeProvider.System.GetElapsedTime(started) > Timeout)
            {
                throw new TopicMismatchException(
                    $"The cluster created {string.Join(", ", waiting)}, and after {Timeout.TotalSeconds:N0} s no broker leads all of their partitions: look at the brokers' health.");
            }

            await Task.Delay(RetryDelay, cancellationToken);
        }
    }

    private static bool IsUsable(Metadata metadata, TopicSpec topic) =>
        metadata.Topics.Any(found => found.Topic == topic.Name
            && found.Error.Code == ErrorCode.NoError
            && found.Partitions.Count > 0
            && found.Partitions.All(partition => partition.Leader >= 0));

    private static bool Exists(Metadata metadata, TopicSpec topic) =>
        metadata.Topics.Any(found => found.Topic == topic.Name && found.Error.Code != ErrorCode.UnknownTopicOrPart);

    private static async Task CreateAsync(IAdminClient admin, IReadOnlyList<TopicSpec> topics, int brokerCount)
    {
        short replication = (short)Math.Min(ReplicationFactorMax, Math.Max(1, brokerCount));
        try
        {
            await admin.CreateTopicsAsync(topics.Select(topic => new TopicSpecification
            {
                Name = topic.Name,
                NumPartitions = topic.PartitionCount,
                ReplicationFactor = replication,
                Configs = Configs(topic, replication),
            }));
        }
        catch (CreateTopicsException e) when (e.Results.All(result => result.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            // Another instance started at the same time and was first; the topics are as wanted all the same.
        }
    }

    private static Dictionary<string, string> Configs(TopicSpec topic, short replication)
    {
        var configs = new Dictionary<string, string> { ["cleanup.policy"] = CleanupPolicy(topic) };
        if (topic.IsSmall)
        {
            configs["segment.bytes"] = "1048576";
            configs["min.cleanable.dirty.ratio"] = "0.1";
        }

        if (replication == ReplicationFactorMax)
        {
            configs["min.insync.replicas"] = "2";
        }

        return configs;
    }

    private static void Check(Metadata metadata, IReadOnlyList<TopicSpec> topics)
    {
        foreach (TopicSpec topic in topics)
        {
            TopicMetadata? found = metadata.Topics.FirstOrDefault(found => found.Topic == topic.Name);
            if (found is { Error.Code: ErrorCode.NoError } && found.Partitions.Count != topic.PartitionCount)
            {
                throw new TopicMismatchException(
                    $"Topic {topic.Name} has {found.Partitions.Count} partitions, expected {topic.PartitionCount}. "
                    + "Records are kept in order by partition, so the count is never changed silently: delete the topic, or choose other names with --topic-prefix.");
            }
        }
    }

    private static async Task CheckCleanupAsync(IAdminClient admin, IReadOnlyList<TopicSpec> topics)
    {
        if (topics.Count == 0)
        {
            return;
        }

        List<DescribeConfigsResult> results = await admin.DescribeConfigsAsync(
            topics.Select(topic => new ConfigResource { Type = ResourceType.Topic, Name = topic.Name }),
            new DescribeConfigsOptions { RequestTimeout = Timeout });
        foreach ((TopicSpec topic, DescribeConfigsResult result) in topics.Zip(results))
        {
            string found = result.Entries["cleanup.policy"].Value;
            if (found != CleanupPolicy(topic))
            {
                throw new TopicMismatchException($"Topic {topic.Name} has cleanup.policy={found}, expected {CleanupPolicy(topic)}. Set it with Kafka's configs tool.");
            }
        }
    }

    private static string CleanupPolicy(TopicSpec topic) => topic.Compacted ? "compact" : "delete";
}
