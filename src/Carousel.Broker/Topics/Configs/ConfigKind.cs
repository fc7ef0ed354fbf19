namespace Carousel.Broker.Topics.Configs;

/// <summary>What a config's value is, numbered as the protocol does (Kafka's DescribeConfigsResponse.ConfigType).</summary>
internal enum ConfigKind : sbyte
{
    Unknown = 0,
    Boolean = 1,
    String = 2,
    Int = 3,
    Short = 4,
    Long = 5,
    Double = 6,
    List = 7,
    Class = 8,
    Password = 9,
}

/// <summary>Where a config's value comes from, numbered as the protocol does (Kafka's DescribeConfigsResponse.ConfigSource); a lower number wins.</summary>
internal enum ConfigSource : sbyte
{
    Topic = 1,
    DynamicBroker = 2,
    DynamicDefaultBroker = 3,
    StaticBroker = 4,
    Default = 5,
}

/// <summary>What may own configs, numbered as the protocol does (Kafka's ConfigResource.Type).</summary>
internal enum ConfigResourceKind : sbyte
{
    Topic = 2,
    Broker = 4,
    BrokerLogger = 8,
}
