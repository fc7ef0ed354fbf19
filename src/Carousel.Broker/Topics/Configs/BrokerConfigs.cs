namespace Carousel.Broker.Topics.Configs;

/// <summary>A config's value, and where it is set.</summary>
/// <param name="Name">The config that holds it: for a topic's, perhaps the broker's that stands in.</param>
internal readonly record struct ConfigValue(string Name, string? Value, ConfigSource Source);

/// <summary>
/// The broker's configs: what it was started with, and what was changed since, for this broker or for all (there is but one). Immutable.
/// </summary>
/// <param name="Static">What the broker was started with, where it isn't Kafka's default.</param>
/// <param name="PerBroker">Changed for this broker.</param>
/// <param name="ClusterDefault">Changed for all brokers.</param>
internal sealed record BrokerConfigs(ConfigOverrides Static, ConfigOverrides PerBroker, ConfigOverrides ClusterDefault)
{
    public static readonly BrokerConfigs Default = new(ConfigOverrides.None, ConfigOverrides.None, ConfigOverrides.None);

    /// <summary>All places that hold a value for the config, the one that counts first.</summary>
    public IEnumerable<ConfigValue> Synonyms(string name)
    {
        (ConfigOverrides Values, ConfigSource Source)[] places =
        [
            (PerBroker, ConfigSource.DynamicBroker), (ClusterDefault, ConfigSource.DynamicDefaultBroker), (Static, ConfigSource.StaticBroker),
        ];
        ConfigDefinition definition = BrokerConfigDefinitions.FindOrCustom(name);
        foreach ((ConfigOverrides values, ConfigSource source) in places)
        {
            if (values.Find(name) is { } value)
            {
                yield return new ConfigValue(name, definition.Normalize(value), source);
            }
        }

        if (definition.Default is not null)
        {
            yield return new ConfigValue(name, definition.Default, ConfigSource.Default);
        }
    }

    /// <summary>The value that counts; null where nothing is set and there is no default.</summary>
    public ConfigValue? Find(string name) => Synonyms(name).Select(value => (ConfigValue?)value).FirstOrDefault();
}
