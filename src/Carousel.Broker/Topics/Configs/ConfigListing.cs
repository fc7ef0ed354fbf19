namespace Carousel.Broker.Topics.Configs;

/// <summary>The configs of a topic or the broker as they are shown.</summary>
internal static class ConfigListing
{
    /// <summary>All configs that the topic has a value for, in the order of their names.</summary>
    public static IEnumerable<(ConfigDefinition Definition, ConfigValue Value)> Visible(TopicConfigs configs) =>
        TopicConfigDefinitions.All
            .Where(definition => !definition.IsHidden || configs.Own.Find(definition.Name) is not null)
            .Select(definition => (definition, configs.Find(definition)));

    /// <summary>All configs of the broker, and those of no meaning that were set all the same.</summary>
    public static IEnumerable<(ConfigDefinition Definition, ConfigValue Value)> Visible(BrokerConfigs configs) =>
        BrokerConfigDefinitions.All
            .Concat(configs.PerBroker.Values.Keys.Union(configs.ClusterDefault.Values.Keys).Select(BrokerConfigDefinitions.FindOrCustom).Where(definition => definition.IsHidden))
            .Select(definition => (definition, configs.Find(definition.Name) ?? new ConfigValue(definition.Name, null, ConfigSource.Default)));

    /// <summary>What was set for all brokers: nothing else belongs to them (Kafka shows no defaults there).</summary>
    public static IEnumerable<(ConfigDefinition Definition, ConfigValue Value)> ClusterDefault(BrokerConfigs configs) =>
        configs.ClusterDefault.Values.Select(entry =>
        {
            ConfigDefinition definition = BrokerConfigDefinitions.FindOrCustom(entry.Key);
            return (definition, new ConfigValue(entry.Key, definition.Normalize(entry.Value), ConfigSource.DynamicDefaultBroker));
        });
}
