using Carousel.Broker.Topics.Configs;

namespace Carousel.Broker.Topics;

/// <summary>All topics and configs at one moment. Immutable, so that readers need no lock.</summary>
internal sealed class CatalogState
{
    public static readonly CatalogState Empty = new(new(StringComparer.Ordinal), [], BrokerConfigs.Default);

    private readonly Dictionary<string, Topic> _byName;
    private readonly Dictionary<Guid, Topic> _byId;
    private readonly Lazy<Topic[]> _sorted;

    private CatalogState(Dictionary<string, Topic> byName, Dictionary<Guid, Topic> byId, BrokerConfigs brokerConfigs)
    {
        (_byName, _byId, BrokerConfigs) = (byName, byId, brokerConfigs);
        _sorted = new(() => [.. _byName.Values.OrderBy(topic => topic.Name, StringComparer.Ordinal)]);
    }

    public BrokerConfigs BrokerConfigs { get; }

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<Topic> Topics => _sorted.Value;

    public int PartitionCount => _byName.Values.Sum(topic => topic.Partitions.Count);

    public Topic? Find(string name) => _byName.GetValueOrDefault(name);

    public Topic? Find(Guid id) => _byId.GetValueOrDefault(id);

    /// <summary>The topics added, or put in the place of those that had their names.</summary>
    public CatalogState With(params IEnumerable<Topic> topics)
    {
        var byName = new Dictionary<string, Topic>(_byName, StringComparer.Ordinal);
        var byId = new Dictionary<Guid, Topic>(_byId);
        foreach (Topic topic in topics)
        {
            byName[topic.Name] = topic;
            byId[topic.Id] = topic;
        }

        return new CatalogState(byName, byId, BrokerConfigs);
    }

    public CatalogState Without(Topic topic)
    {
        var byName = new Dictionary<string, Topic>(_byName, StringComparer.Ordinal);
        var byId = new Dictionary<Guid, Topic>(_byId);
        byName.Remove(topic.Name);
        byId.Remove(topic.Id);
        return new CatalogState(byName, byId, BrokerConfigs);
    }

    /// <summary>Every topic inherits from the broker, so all of them change.</summary>
    public CatalogState With(BrokerConfigs brokerConfigs)
    {
        var byName = new Dictionary<string, Topic>(StringComparer.Ordinal);
        var byId = new Dictionary<Guid, Topic>();
        foreach (Topic topic in _byName.Values)
        {
            Topic changed = topic with { Configs = topic.Configs with { Broker = brokerConfigs } };
            byName.Add(changed.Name, changed);
            byId.Add(changed.Id, changed);
        }

        return new CatalogState(byName, byId, brokerConfigs);
    }
}
