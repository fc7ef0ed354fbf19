using System.Collections.Immutable;
using Carousel.Wire;

namespace Carousel.Broker.Topics.Configs;

/// <summary>What became of a change: the new values, or why there are none.</summary>
/// <param name="Reason">For people; null without an error.</param>
internal readonly record struct ConfigEdit(ConfigOverrides? Overrides, ErrorCode Error, string? Reason)
{
    public static ConfigEdit Refused(ErrorCode error, string reason) => new(null, error, reason);
}

/// <summary>Applies changes to the values that are set, all or none (Kafka's ConfigurationControlManager and KafkaAdminClient's KIP-339).</summary>
internal static class ConfigEditor
{
    /// <summary>Changes of a topic's configs.</summary>
    public static ConfigEdit EditTopic(TopicConfigs current, IReadOnlyCollection<ConfigChange> changes)
    {
        ConfigEdit edit = Edit(current.Own, changes, name => TopicConfigDefinitions.Find(name), name => current.Find(TopicConfigDefinitions.Find(name)!).Value);
        return edit.Overrides is { } own && (current with { Own = own }).Conflict() is { } conflict
            ? ConfigEdit.Refused(ErrorCode.InvalidConfig, conflict)
            : edit;
    }

    /// <summary>Changes of the broker's configs.</summary>
    /// <param name="isClusterDefault">For all brokers, rather than this one.</param>
    public static ConfigEdit EditBroker(BrokerConfigs current, bool isClusterDefault, IReadOnlyCollection<ConfigChange> changes)
    {
        string[] fixedNames = [.. changes.Select(change => change.Name).Where(name => BrokerConfigDefinitions.FindOrCustom(name).IsReadOnly)];
        return fixedNames.Length > 0
            ? ConfigEdit.Refused(ErrorCode.InvalidRequest, $"Cannot update these configs dynamically: Set({string.Join(", ", fixedNames)})")
            : Edit(
                isClusterDefault ? current.ClusterDefault : current.PerBroker,
                changes,
                BrokerConfigDefinitions.FindOrCustom,
                name => current.Find(name)?.Value);
    }

    /// <param name="find">The definition of a name, or null: then it can only be taken away.</param>
    /// <param name="inherited">The value that counts while none is set.</param>
    private static ConfigEdit Edit(
        ConfigOverrides current, IReadOnlyCollection<ConfigChange> changes, Func<string, ConfigDefinition?> find, Func<string, string?> inherited)
    {
        if (changes.Select(change => change.Name).Distinct().Count() < changes.Count)
        {
            return ConfigEdit.Refused(ErrorCode.InvalidRequest, "Error due to duplicate config keys");
        }

        ImmutableSortedDictionary<string, string>.Builder values = current.Values.ToBuilder();
        foreach (ConfigChange change in changes)
        {
            if (change.Operation == ConfigOperation.Delete)
            {
                values.Remove(change.Name);
                continue;
            }

            if (Refusal(change, find(change.Name)) is { } refusal)
            {
                return refusal;
            }

            ConfigDefinition definition = find(change.Name)!;
            string value = NewValue(change, values.GetValueOrDefault(change.Name) ?? inherited(change.Name) ?? "");
            if (definition.Check(value) is { } problem)
            {
                return ConfigEdit.Refused(ErrorCode.InvalidConfig, problem);
            }

            values[change.Name] = value;
        }

        return new ConfigEdit(new ConfigOverrides(values.ToImmutable()), ErrorCode.None, null);
    }

    private static ConfigEdit? Refusal(ConfigChange change, ConfigDefinition? definition)
    {
        if (change.Value is null)
        {
            return ConfigEdit.Refused(ErrorCode.InvalidRequest, $"Null value not supported for : {change.Name}");
        }

        if (definition is null)
        {
            return ConfigEdit.Refused(ErrorCode.InvalidConfig, $"Unknown topic config name: {change.Name}");
        }

        if (!Enum.IsDefined(change.Operation))
        {
            return ConfigEdit.Refused(ErrorCode.InvalidRequest, $"Unknown operation type {(sbyte)change.Operation} is not supported.");
        }

        return change.Operation != ConfigOperation.Set && definition.Kind != ConfigKind.List
            ? ConfigEdit.Refused(
                ErrorCode.InvalidConfig, $"Can't {change.Operation.ToString().ToUpperInvariant()} to key {change.Name} because its type is not LIST.")
            : null;
    }

    private static string NewValue(ConfigChange change, string current)
    {
        IEnumerable<string> given = ConfigDefinition.Elements(change.Value!);
        return change.Operation switch
        {
            ConfigOperation.Append => string.Join(',', ConfigDefinition.Elements(current).Union(given)),
            ConfigOperation.Subtract => string.Join(',', ConfigDefinition.Elements(current).Except(given)),
            _ => change.Value!,
        };
    }
}
