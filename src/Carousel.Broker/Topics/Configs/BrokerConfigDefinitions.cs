using System.Collections.Frozen;

namespace Carousel.Broker.Topics.Configs;

/// <summary>
/// The configs of the broker, as Kafka 4.2 names them. Those that stand in for a topic's own act at once when they are changed; what else can be changed
/// is kept and shown for the tools that set it, and without effect.
/// </summary>
internal static class BrokerConfigDefinitions
{
    private const string Resource = "broker-configs.tsv";

    public static readonly IReadOnlyList<ConfigDefinition> All = Read();

    private static readonly FrozenDictionary<string, ConfigDefinition> ByName = All.ToFrozenDictionary(definition => definition.Name);

    /// <summary>The definition, or one that stands for a name nobody knows: Kafka keeps those too, for plug-ins, and never shows their values.</summary>
    public static ConfigDefinition FindOrCustom(string name) =>
        ByName.GetValueOrDefault(name) ?? new ConfigDefinition(name, ConfigKind.Unknown, null, ConfigRule.Any) { IsHidden = true, IsSensitive = true };

    private static List<ConfigDefinition> Read()
    {
        Dictionary<string, ConfigDefinition> topics = TopicConfigDefinitions.All
            .Where(topic => topic.BrokerSynonym is not null)
            .ToDictionary(topic => topic.BrokerSynonym!);
        using Stream stream = typeof(BrokerConfigDefinitions).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        var definitions = new List<ConfigDefinition>();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                string[] columns = line.Split('\t');
                ConfigDefinition? topic = topics.GetValueOrDefault(columns[0]);
                ConfigKind kind = Enum.Parse<ConfigKind>(columns[1], ignoreCase: true);
                definitions.Add(new ConfigDefinition(columns[0], kind, columns[3].StartsWith('=') ? columns[3][1..] : null, topic?.Rule ?? ConfigRule.Any)
                {
                    IsReadOnly = columns[2] == "ro",
                    IsSensitive = kind == ConfigKind.Password,
                    Documentation = topic is null ? null : $"What {topic.Name} is for topics that set none: {topic.Documentation}",
                });
            }
        }

        return definitions;
    }
}
