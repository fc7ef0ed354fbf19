namespace Carousel.Broker.Topics.Configs;

/// <summary>What IncrementalAlterConfigs does with a config, numbered as the protocol does (KIP-339).</summary>
internal enum ConfigOperation : sbyte
{
    Set = 0,

    /// <summary>Back to the default.</summary>
    Delete = 1,

    /// <summary>Adds elements to a list.</summary>
    Append = 2,

    /// <summary>Takes elements from a list.</summary>
    Subtract = 3,
}

/// <summary>One change of one config.</summary>
/// <param name="Value">Without meaning for <see cref="ConfigOperation.Delete"/>.</param>
internal readonly record struct ConfigChange(string Name, ConfigOperation Operation, string? Value);
