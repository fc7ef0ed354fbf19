using Carousel.Broker.Partitions;
using Carousel.Broker.Topics.Configs;
using Carousel.Broker.Topics.Metadata;

namespace Carousel.Broker.Topics;

/// <summary>
/// Makes the partitions of a data directory agree with its catalog, which is right. A crash leaves three things: partitions of a topic that was never
/// recorded, which are empty; partitions of a topic that is being deleted; and none else. Records that the catalog doesn't know are never deleted.
/// </summary>
/// <param name="State">The topics with their partitions.</param>
/// <param name="Deleted">Topics whose deletion was finished now; their last record is still to be written.</param>
/// <param name="NextProducerId">The first producer id that was never reserved.</param>
internal sealed record CatalogReconciliation(CatalogState State, IReadOnlyList<Guid> Deleted, long NextProducerId)
{
    /// <exception cref="DataDirectoryException">A folder stands where a topic's partition has to be.</exception>
    public static CatalogReconciliation Make(PartitionSet partitions, IEnumerable<MetadataRecord> records, BrokerConfigs configs, CatalogEvents events)
    {
        var contents = CatalogContents.Replay(records);
        IReadOnlyDictionary<Guid, TopicFacts> topics = contents.Topics;
        configs = configs with { PerBroker = contents.PerBroker, ClusterDefault = contents.ClusterDefault };
        foreach (Partition partition in partitions.Partitions.Where(partition => partition.Name != MetadataLog.Name).ToArray())
        {
            RemoveLeftover(partitions, partition, Owner(partition, topics), events);
        }

        IEnumerable<Topic> active = topics
            .Where(topic => topic.Value.State == TopicState.Active)
            .Select(topic => Restore(partitions, topic.Key, topic.Value, configs, events));
        return new CatalogReconciliation(
            CatalogState.Empty.With(configs).With(active),
            [.. topics.Where(topic => topic.Value.State == TopicState.Deleting).Select(topic => topic.Key)],
            contents.NextProducerId);
    }

    /// <summary>The topic that a partition is of. Where its files are broken even its id can't be read, and its name has to do.</summary>
    private static TopicFacts? Owner(Partition partition, IReadOnlyDictionary<Guid, TopicFacts> topics)
    {
        TopicFacts? owner = partition.Fault is null
            ? topics.GetValueOrDefault(partition.TopicId)
            : topics.Values.Where(topic => topic.Name == partition.Name.Topic).OrderBy(topic => topic.State).FirstOrDefault();
        return owner is not null && owner.Name == partition.Name.Topic && partition.Name.Partition < owner.PartitionCount ? owner : null;
    }

    private static void RemoveLeftover(PartitionSet partitions, Partition partition, TopicFacts? owner, CatalogEvents events)
    {
        if (owner is { State: TopicState.Active })
        {
            return;
        }

        bool isDeleting = owner is { State: TopicState.Deleting };
        if (isDeleting || (partition.Fault is null && partition.LogEndOffset == 0))
        {
            events.RemovesLeftover(partition.Name, isDeleting ? "its topic was being deleted" : "its topic was being made");
            partitions.Delete(partition.Name);
        }
        else
        {
            events.LeavesUnknown(partition.Name, partition.TopicId);
        }
    }

    private static Topic Restore(PartitionSet partitions, Guid id, TopicFacts facts, BrokerConfigs brokerConfigs, CatalogEvents events)
    {
        var configs = new TopicConfigs(facts.Configs, brokerConfigs);
        Log.LogSettings settings = configs.ToLogSettings();
        var logs = new Partition[facts.PartitionCount];
        for (int number = 0; number < logs.Length; number++)
        {
            var name = new TopicPartition(facts.Name, number);
            if (!partitions.TryGet(name, out Partition? partition))
            {
                events.RestoresMissing(name);
                partition = partitions.Create(name, id, settings);
            }
            else if (partition.TopicId != id && partition.Fault is null)
            {
                throw new DataDirectoryException(
                    $"The folder {name} belongs to topic id {KafkaUuid.ToText(partition.TopicId)}, and the catalog's topic {facts.Name} has {KafkaUuid.ToText(id)}: "
                    + "move the folder away, and the partition starts empty.");
            }

            partition.Settings = settings;
            logs[number] = partition;
        }

        return new Topic(facts.Name, id, logs, TopicName.IsInternal(facts.Name), configs);
    }
}
