using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics.Configs;
using Carousel.Broker.Topics.Metadata;
using Carousel.Wire;

namespace Carousel.Broker.Topics;

/// <summary>What became of a change, and the catalog after it.</summary>
internal readonly record struct CatalogChange(CatalogResult Result, CatalogState State);

/// <summary>
/// Makes changes durable, in an order that a crash can't break: a topic's partitions before the record that says it is there, the record that says it
/// goes before its partitions. Called by one change at a time.
/// </summary>
internal sealed class CatalogWriter(PartitionSet partitions, MetadataLog log, CatalogEvents events)
{
    /// <summary>Makes the topics that passed their checks; one whose partitions can't be made is refused in the results.</summary>
    /// <returns>The state with the new topics.</returns>
    public async ValueTask<CatalogState> CreateAsync(IReadOnlyList<NewTopic> topics, TopicCreation[] results, CatalogState state)
    {
        var made = new List<(int Index, Topic Topic)>();
        for (int i = 0; i < results.Length; i++)
        {
            if (results[i].Configs is { } configs)
            {
                var topic = new Topic(topics[i].Name, results[i].Id, [], TopicName.IsInternal(topics[i].Name), configs);
                (IReadOnlyList<Partition>? logs, string? reason) = MakePartitions(topic, 0, results[i].PartitionCount);
                if (logs is null)
                {
                    results[i] = TopicCreation.Refused(ErrorCode.KafkaStorageError, reason!);
                }
                else
                {
                    made.Add((i, topic with { Partitions = logs }));
                }
            }
        }

        if (made.Count == 0)
        {
            return state;
        }

        CatalogResult stored = await log.AppendAsync([.. made.Select(entry => Record(entry.Topic, TopicState.Active))]);
        if (stored.Error == ErrorCode.None)
        {
            return state.With(made.Select(entry => entry.Topic));
        }

        foreach ((int index, Topic topic) in made)
        {
            RemovePartitions(topic, 0);
            results[index] = TopicCreation.Refused(stored.Error, stored.Reason!);
        }

        return state;
    }

    public async ValueTask<CatalogChange> DeleteAsync(Topic topic, CatalogState state)
    {
        CatalogResult stored = await log.AppendAsync(Record(topic, TopicState.Deleting));
        if (stored.Error != ErrorCode.None)
        {
            return new CatalogChange(stored, state);
        }

        // From here on it is deleted; partitions that can't be removed now are at the next start.
        if (RemovePartitions(topic, 0))
        {
            await ForgetAsync([topic.Id]);
        }

        return new CatalogChange(CatalogResult.Done, state.Without(topic));
    }

    /// <summary>The last record of topics that are gone. If it can't be written, the next start does it again.</summary>
    public async ValueTask ForgetAsync(IReadOnlyList<Guid> topics)
    {
        CatalogResult stored = await log.AppendAsync([.. topics.Select(id => new MetadataRecord.Topic(id, null))]);
        if (stored.Error != ErrorCode.None)
        {
            events.NotForgotten(topics.Count, $"{stored.Error}: {stored.Reason}");
        }
    }

    public async ValueTask<CatalogChange> GrowAsync(Topic topic, int count, CatalogState state)
    {
        int before = topic.Partitions.Count;
        (IReadOnlyList<Partition>? added, string? reason) = MakePartitions(topic, before, count);
        if (added is null)
        {
            return new CatalogChange(new CatalogResult(ErrorCode.KafkaStorageError, reason), state);
        }

        Topic grown = topic with { Partitions = [.. topic.Partitions, .. added] };
        CatalogResult stored = await log.AppendAsync(Record(grown, TopicState.Active));
        if (stored.Error != ErrorCode.None)
        {
            RemovePartitions(grown, before);
            return new CatalogChange(stored, state);
        }

        return new CatalogChange(CatalogResult.Done, state.With(grown));
    }

    public async ValueTask<CatalogChange> AlterAsync(Topic topic, ConfigOverrides own, CatalogState state)
    {
        Topic altered = topic with { Configs = topic.Configs with { Own = own } };
        CatalogResult stored = await log.AppendAsync(Record(altered, TopicState.Active));
        if (stored.Error != ErrorCode.None)
        {
            return new CatalogChange(stored, state);
        }

        ApplySettings(altered);
        return new CatalogChange(CatalogResult.Done, state.With(altered));
    }

    public async ValueTask<CatalogChange> AlterBrokerAsync(bool isClusterDefault, ConfigOverrides overrides, CatalogState state)
    {
        CatalogResult stored = await log.AppendAsync(new MetadataRecord.BrokerConfigs(isClusterDefault ? "" : TopicCatalogOptions.NodeName, overrides));
        if (stored.Error != ErrorCode.None)
        {
            return new CatalogChange(stored, state);
        }

        BrokerConfigs current = state.BrokerConfigs;
        CatalogState changed = state.With(isClusterDefault ? current with { ClusterDefault = overrides } : current with { PerBroker = overrides });
        foreach (Topic topic in changed.Topics)
        {
            ApplySettings(topic);
        }

        return new CatalogChange(CatalogResult.Done, changed);
    }

    private static void ApplySettings(Topic topic)
    {
        LogSettings settings = topic.Configs.ToLogSettings();
        foreach (Partition partition in topic.Partitions)
        {
            partition.Settings = settings;
        }
    }

    private static MetadataRecord.Topic Record(Topic topic, TopicState state) =>
        new(topic.Id, new TopicFacts(topic.Name, state, topic.Partitions.Count, topic.Configs.Own));

    /// <summary>Makes the partitions from a number up to a count, all or none.</summary>
    private (IReadOnlyList<Partition>? Partitions, string? Reason) MakePartitions(Topic topic, int from, int count)
    {
        LogSettings settings = topic.Configs.ToLogSettings();
        var made = new List<Partition>();
        try
        {
            for (int number = from; number < count; number++)
            {
                var name = new TopicPartition(topic.Name, number);
                if (partitions.TryGet(name, out _))
                {
                    throw new IOException($"The data directory has a folder {name} that isn't in the catalog of topics, and holds records: move it away.");
                }

                made.Add(partitions.Create(name, topic.Id, settings));
            }

            return (made, null);
        }
        catch (IOException e)
        {
            events.NotMade(topic.Name, e);
            RemovePartitions(topic with { Partitions = made }, 0);
            return (null, e.Message);
        }
    }

    /// <summary>False when the disk refuses; what is left goes at the next start.</summary>
    private bool RemovePartitions(Topic topic, int from)
    {
        try
        {
            foreach (Partition partition in topic.Partitions.Skip(from))
            {
                partitions.Delete(partition.Name);
            }

            return true;
        }
        catch (IOException e)
        {
            events.NotRemoved(topic.Name, e);
            return false;
        }
    }
}
