using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>Messages as text that two brokers can agree on: ids that each makes up are replaced by names, and sets are sorted.</summary>
internal sealed partial class MessageText
{
    private readonly Dictionary<string, string> _names = [];

    /// <summary>What an id is called from now on.</summary>
    public void Name(string id, string name) => _names[id] = $"<{name}>";

    public string Of(object? value) => value switch
    {
        null => "null",
        string text => $"'{Rename(text)}'",
        ReadOnlyMemory<byte> bytes => Convert.ToHexStringLower(bytes.Span),
        IMessage message => $"{{{string.Join(" ", Fields(message).Select(field => $"{field.Name}={Of(field.GetValue(message))}"))}}}",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Of).Order(StringComparer.Ordinal))}]",
        _ => Rename(value.ToString()!),
    };

    private static IEnumerable<PropertyInfo> Fields(IMessage message) => message.GetType().GetProperties().Where(field => field.Name is not ("Port" or "ThrottleTimeMs"));

    private string Rename(string text) =>
        _names.TryGetValue(text, out string? name) ? name : MadeUp().IsMatch(text) ? MadeUp().Replace(text, "<new>") : text;

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex MadeUp();
}
