using Carousel.Broker.Topics.Configs;
using Carousel.Wire;

namespace Carousel.Broker.Topics;

/// <summary>Whether a topic may be made or grow, checked in Kafka's order and words (ReplicationControlManager).</summary>
internal static class TopicRules
{
    private const string TooMany = "Excessively large number of partitions per request.";

    /// <summary>The topics of one request as they would be made; or why not.</summary>
    public static TopicCreation[] Check(IReadOnlyList<NewTopic> topics, CatalogState state, TopicCatalogOptions options)
    {
        var results = new TopicCreation[topics.Count];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = Check(topics[i], state, options);
            if (results[i].Configs is { } configs)
            {
                // So that those that come after it can't take its name, or one that is the same to Kafka's metrics.
                state = state.With(new Topic(topics[i].Name, results[i].Id, [], IsInternal: false, configs));
            }
        }

        return results.Where(result => result.IsSuccess).Sum(result => (long)result.PartitionCount) <= TopicCatalogOptions.PartitionsPerRequestMax
            ? results
            : [.. results.Select(result => result.IsSuccess ? TopicCreation.Refused(ErrorCode.PolicyViolation, TooMany) : result)];
    }

    private static TopicCreation Check(NewTopic topic, CatalogState state, TopicCatalogOptions options)
    {
        if (NameProblem(topic.Name, state) is { } refused)
        {
            return refused;
        }

        if (topic.Configs.FirstOrDefault(config => config.Value is null).Key is { } withoutValue)
        {
            return TopicCreation.Refused(ErrorCode.InvalidConfig, $"Null value not supported for topic configs: {withoutValue}");
        }

        var inherited = new TopicConfigs(ConfigOverrides.None, state.BrokerConfigs);
        ConfigEdit edit = ConfigEditor.EditTopic(inherited, [.. topic.Configs.Select(config => new ConfigChange(config.Key, ConfigOperation.Set, config.Value))]);
        if (edit.Overrides is not { } own)
        {
            return TopicCreation.Refused(edit.Error, edit.Reason!);
        }

        (ErrorCode error, string? reason, int count) = topic.Assignments.Count > 0 ? CheckAssignments(topic) : CheckCounts(topic, options);
        return error == ErrorCode.None
            ? WithinBounds(count, state, options) ?? new TopicCreation(ErrorCode.None, null, KafkaUuid.New(), count, inherited with { Own = own })
            : TopicCreation.Refused(error, reason!);
    }

    /// <summary>Whether a topic may grow to this many partitions.</summary>
    /// <param name="assignments">The brokers of each new partition; null for the broker to choose.</param>
    public static CatalogResult CheckGrowth(
        Topic topic, int count, IReadOnlyList<IReadOnlyList<int>>? assignments, CatalogState state, TopicCatalogOptions options)
    {
        int current = topic.Partitions.Count;
        if (topic.IsInternal)
        {
            return new CatalogResult(ErrorCode.InvalidRequest, $"The partition count of the internal topic {topic.Name} can't change: it decides which partition keeps what.");
        }

        if (count == current)
        {
            return new CatalogResult(ErrorCode.InvalidPartitions, $"Topic already has {current} partition(s).");
        }

        if (count < current)
        {
            return new CatalogResult(ErrorCode.InvalidPartitions, $"The topic {topic.Name} currently has {current} partition(s); {count} would not be an increase.");
        }

        if (assignments is not null && assignments.Count != count - current)
        {
            return new CatalogResult(
                ErrorCode.InvalidReplicaAssignment,
                $"Attempted to add {count - current} additional partition(s), but only {assignments.Count} assignment(s) were specified.");
        }

        if (assignments?.Select(AssignmentProblem).FirstOrDefault(problem => problem is not null) is { } problem)
        {
            return new CatalogResult(ErrorCode.InvalidReplicaAssignment, problem);
        }

        return WithinBounds(count - current, state, options) is { } refused ? new CatalogResult(refused.Error, refused.Reason) : CatalogResult.Done;
    }

    private static TopicCreation? NameProblem(string name, CatalogState state)
    {
        if (TopicName.IsReserved(name))
        {
            return TopicCreation.Refused(ErrorCode.InvalidRequest, $"Creation of internal topic {name} is prohibited.");
        }

        if (TopicName.Problem(name) is { } problem)
        {
            return TopicCreation.Refused(ErrorCode.InvalidTopic, problem);
        }

        if (state.Find(name) is not null)
        {
            return TopicCreation.Refused(ErrorCode.TopicAlreadyExists, $"Topic '{name}' already exists.");
        }

        // Only names with a dot or an underscore can be the same to Kafka's metrics.
        string plain = TopicName.WithoutDots(name);
        return plain.Contains('_', StringComparison.Ordinal) && state.Topics.FirstOrDefault(other => TopicName.WithoutDots(other.Name) == plain) is { } twin
            ? TopicCreation.Refused(ErrorCode.InvalidTopic, $"Topic '{name}' collides with existing topic: {twin.Name}")
            : null;
    }

    private static (ErrorCode Error, string? Reason, int Count) CheckAssignments(NewTopic topic)
    {
        if (topic.ReplicationFactor != -1)
        {
            return (ErrorCode.InvalidRequest, "A manual partition assignment was specified, but replication factor was not set to -1.", 0);
        }

        if (topic.PartitionCount != -1)
        {
            return (ErrorCode.InvalidRequest, "A manual partition assignment was specified, but numPartitions was not set to -1.", 0);
        }

        if (!topic.Assignments.Select(assignment => assignment.Partition).Order().SequenceEqual(Enumerable.Range(0, topic.Assignments.Count)))
        {
            return (ErrorCode.InvalidReplicaAssignment, "partitions should be a consecutive 0-based integer sequence", 0);
        }

        return topic.Assignments.Select(assignment => AssignmentProblem(assignment.Brokers)).FirstOrDefault(found => found is not null) is { } problem
            ? (ErrorCode.InvalidReplicaAssignment, problem, 0)
            : (ErrorCode.None, null, topic.Assignments.Count);
    }

    private static (ErrorCode Error, string? Reason, int Count) CheckCounts(NewTopic topic, TopicCatalogOptions options)
    {
        if (topic.ReplicationFactor is < -1 or 0)
        {
            return (ErrorCode.InvalidReplicationFactor, "Replication factor must be larger than 0, or -1 to use the default value.", 0);
        }

        if (topic.PartitionCount is < -1 or 0)
        {
            return (ErrorCode.InvalidPartitions, "Number of partitions was set to an invalid non-positive value.", 0);
        }

        return topic.ReplicationFactor > 1 && !options.ClampReplicationFactor
            ? (
                ErrorCode.InvalidReplicationFactor,
                $"Unable to replicate the partition {topic.ReplicationFactor} time(s): The target replication factor of {topic.ReplicationFactor} "
                    + "cannot be reached because only 1 broker(s) are registered.",
                0)
            : (ErrorCode.None, null, topic.PartitionCount == -1 ? options.DefaultPartitionCount : topic.PartitionCount);
    }

    private static string? AssignmentProblem(IReadOnlyList<int> brokers)
    {
        if (brokers.Count == 0)
        {
            return "The manual partition assignment includes an empty replica list.";
        }

        int stranger = brokers.FirstOrDefault(broker => broker != TopicCatalogOptions.NodeId, TopicCatalogOptions.NodeId);
        if (stranger != TopicCatalogOptions.NodeId)
        {
            return $"The manual partition assignment includes broker {stranger}, but no such broker is registered.";
        }

        return brokers.Count > 1 ? $"The manual partition assignment includes the broker {brokers[0]} more than once." : null;
    }

    private static TopicCreation? WithinBounds(int added, CatalogState state, TopicCatalogOptions options)
    {
        if (added > TopicCatalogOptions.PartitionsPerRequestMax)
        {
            return TopicCreation.Refused(ErrorCode.PolicyViolation, TooMany);
        }

        int all = state.PartitionCount;
        return all + added > options.PartitionsMax
            ? TopicCreation.Refused(ErrorCode.PolicyViolation, $"There are {all} partitions, and {added} more would be over this broker's {options.PartitionsMax}.")
            : null;
    }
}
