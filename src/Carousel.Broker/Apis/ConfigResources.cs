using System.Globalization;
using Carousel.Broker.Topics;
using Carousel.Broker.Topics.Configs;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>What the config APIs have in common: which resources there are, and how a change of one is made.</summary>
internal static class ConfigResources
{
    /// <summary>Whether there is such a resource; the broker's has the node's id for a name, or none for all brokers.</summary>
    public static CatalogResult Check(sbyte type, string name, TopicCatalog topics) => (ConfigResourceKind)type switch
    {
        ConfigResourceKind.Topic when TopicName.Problem(name) is { } problem => new CatalogResult(ErrorCode.InvalidTopic, problem),
        ConfigResourceKind.Topic when topics.Find(name) is null => new CatalogResult(ErrorCode.UnknownTopicOrPartition, null),
        ConfigResourceKind.Topic => CatalogResult.Done,
        ConfigResourceKind.Broker when name.Length == 0 => CatalogResult.Done,
        ConfigResourceKind.Broker or ConfigResourceKind.BrokerLogger => CheckBroker(name),
        _ => new CatalogResult(ErrorCode.InvalidRequest, $"Configs of resource type {type} aren't kept here."),
    };

    /// <summary>Changes one resource's configs.</summary>
    /// <param name="changesOf">The changes, from what is set when it is their turn.</param>
    public static async ValueTask<CatalogResult> AlterAsync(
        (sbyte Type, string Name) resource,
        Func<ConfigOverrides, IReadOnlyCollection<ConfigChange>> changesOf,
        bool validateOnly,
        TopicCatalog topics,
        CancellationToken cancellationToken)
    {
        if (resource is ((sbyte)ConfigResourceKind.Topic, ""))
        {
            return new CatalogResult(ErrorCode.InvalidRequest, "Default topic resources are not allowed.");
        }

        CatalogResult verdict = Check(resource.Type, resource.Name, topics);
        if (verdict.Error != ErrorCode.None)
        {
            return verdict.Error == ErrorCode.UnknownTopicOrPartition ? verdict with { Reason = $"The topic '{resource.Name}' does not exist." } : verdict;
        }

        switch ((ConfigResourceKind)resource.Type)
        {
            case ConfigResourceKind.Topic when topics.Find(resource.Name) is { } topic:
                return await topics.AlterAsync(topic, configs => ConfigEditor.EditTopic(configs, changesOf(configs.Own)), validateOnly, cancellationToken);
            case ConfigResourceKind.Broker:
                bool isClusterDefault = resource.Name.Length == 0;
                return await topics.AlterBrokerAsync(
                    isClusterDefault,
                    configs => ConfigEditor.EditBroker(configs, isClusterDefault, changesOf(isClusterDefault ? configs.ClusterDefault : configs.PerBroker)),
                    validateOnly,
                    cancellationToken);
            default:
                return new CatalogResult(ErrorCode.InvalidRequest, "The log levels can't be changed while the broker runs.");
        }
    }

    private static CatalogResult CheckBroker(string name)
    {
        if (!int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id))
        {
            return new CatalogResult(ErrorCode.InvalidRequest, $"Broker id must be an integer, but it is: {name}");
        }

        return id == TopicCatalogOptions.NodeId
            ? CatalogResult.Done
            : new CatalogResult(ErrorCode.InvalidRequest, $"Unexpected broker id, expected {TopicCatalogOptions.NodeId} or empty string, but received {name}");
    }
}
