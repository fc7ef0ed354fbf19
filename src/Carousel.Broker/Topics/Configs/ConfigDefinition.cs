using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Carousel.Broker.Topics.Configs;

/// <summary>One config that a topic or the broker has.</summary>
/// <param name="Default">Null where there is no value unless one is set.</param>
/// <param name="Rule">What is allowed beyond the kind.</param>
internal sealed record ConfigDefinition(string Name, ConfigKind Kind, string? Default, ConfigRule Rule)
{
    /// <summary>For topics: the broker's config that stands in where the topic sets none; null where there is none.</summary>
    public string? BrokerSynonym { get; init; }

    /// <summary>Can't be changed while the broker runs.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Never shown.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>Shown only where it is set.</summary>
    public bool IsHidden { get; init; }

    /// <summary>What it does here, in a sentence or two; null where it does nothing.</summary>
    public string? Documentation { get; init; }

    /// <summary>The elements of a list, without the blanks around them.</summary>
    public static IEnumerable<string> Elements(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What is wrong with a value, in words that say what is allowed; null when it may be set.</summary>
    public string? Check(string value) => TryNormalize(value, out string? normal, out string? problem) ? Rule.Check(Name, normal) : problem;

    /// <summary>The value as it is meant: numbers without blanks, lists without blanks and repetitions.</summary>
    public bool TryNormalize(string value, [NotNullWhen(true)] out string? normal, [NotNullWhen(false)] out string? problem)
    {
        normal = Kind switch
        {
            ConfigKind.Boolean => Boolean(value.Trim()),
            ConfigKind.Short => short.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out short number) ? Text(number) : null,
            ConfigKind.Int => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? Text(number) : null,
            ConfigKind.Long => long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) ? Text(number) : null,
            ConfigKind.Double => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
                ? value.Trim()
                : null,
            ConfigKind.List => string.Join(',', Elements(value).Distinct()),
            _ => value.Trim(),
        };
        problem = normal is not null
            ? null
            : $"Invalid value {value} for configuration {Name}: "
                + (Kind == ConfigKind.Boolean ? "Expected value to be either true or false" : $"Not a number of type {Kind.ToString().ToUpperInvariant()}");
        return normal is not null;
    }

    /// <summary>The normal form of a value that was checked before it was stored.</summary>
    public string Normalize(string value) => TryNormalize(value, out string? normal, out string? problem) ? normal : throw new InvalidOperationException(problem);

    private static string? Boolean(string value) =>
        value.Equals("true", StringComparison.OrdinalIgnoreCase) ? "true" : value.Equals("false", StringComparison.OrdinalIgnoreCase) ? "false" : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
