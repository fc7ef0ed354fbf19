using System.Collections.Immutable;

namespace Carousel.Broker.Topics.Configs;

/// <summary>What was set for one topic or broker, in the order of the names. Immutable.</summary>
internal sealed class ConfigOverrides(ImmutableSortedDictionary<string, string> values)
{
    public static readonly ConfigOverrides None = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    public ImmutableSortedDictionary<string, string> Values { get; } = values;

    public string? Find(string name) => Values.GetValueOrDefault(name);

    public static ConfigOverrides Of(IEnumerable<KeyValuePair<string, string>> values) => new(None.Values.SetItems(values));
}
