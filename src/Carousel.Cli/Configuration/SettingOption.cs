using System.CommandLine;
using Carousel.Broker.Hosting;

namespace Carousel.Cli.Configuration;

/// <summary>A flag that sets one configuration key; given, it wins over file and environment.</summary>
internal sealed class SettingOption : Option<string?>
{
    public SettingOption(string flag, string key, string description)
        : base(flag)
    {
        Key = key;
        Description = description;
    }

    /// <summary>Path below <c>Carousel</c>, with colons.</summary>
    public string Key { get; }

    /// <summary>The setting's value for each value of the flag, where they aren't the same.</summary>
    public IReadOnlyDictionary<string, string>? Values { get; init; }

    /// <summary>The setting's value for a value of the flag.</summary>
    /// <exception cref="UsageException">The flag has no such value.</exception>
    public string Read(string given) =>
        Values is null
            ? given
            : Values.GetValueOrDefault(given) ?? throw new UsageException($"{Name} must be {string.Join(" or ", Values.Keys)}, and not '{given}'.");

    public static SettingOption Kafka() => Kafka("brokers, host:port, separated by commas: of an Apache Kafka, or a 'carousel broker'");

    public static SettingOption KafkaOrEmbedded() => Kafka("brokers of an Apache Kafka, host:port, separated by commas [default: none, it runs on the embedded broker]");

    public static SettingOption Flush() => new(
        "--flush", "Broker:FlushMode", "when the embedded broker acknowledges: disk, once it is on disk; os, once the system has it [default: disk]")
    {
        Values = new Dictionary<string, string> { ["disk"] = nameof(BrokerFlushMode.Disk), ["os"] = nameof(BrokerFlushMode.OperatingSystem) },
    };

    public static SettingOption DataDirectory() => new("--data", "DataDirectory", "directory of the embedded parts' files [default: ./data]");

    public static SettingOption TopicPrefix() => new("--topic-prefix", "TopicPrefix", "put before every topic and group, so that pipelines share a cluster");

    public static SettingOption RegistryUrl() => new("--registry", "Registry:Url", "schema registry [default: http://127.0.0.1:8081]");

    public static SettingOption PaymentsUrl() => new("--payments", "Payments:Endpoint", "payment provider [default: http://127.0.0.1:7080]");

    public static SettingOption Slot(string stage) => new("--slot", $"{stage}:Slot", "name of this instance among those of its stage; each needs its own [default: 0]");

    private static SettingOption Kafka(string description) => new("--kafka", "Kafka:BootstrapServers", description);
}
