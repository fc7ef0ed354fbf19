namespace Carousel.Registry.Compatibility;

/// <summary>Which older versions a new schema must get along with, and in which direction.</summary>
internal enum CompatibilityLevel
{
    None,
    Backward,
    BackwardTransitive,
    Forward,
    ForwardTransitive,
    Full,
    FullTransitive,
}

internal static class CompatibilityLevels
{
    private static readonly Dictionary<string, CompatibilityLevel> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["NONE"] = CompatibilityLevel.None,
        ["BACKWARD"] = CompatibilityLevel.Backward,
        ["BACKWARD_TRANSITIVE"] = CompatibilityLevel.BackwardTransitive,
        ["FORWARD"] = CompatibilityLevel.Forward,
        ["FORWARD_TRANSITIVE"] = CompatibilityLevel.ForwardTransitive,
        ["FULL"] = CompatibilityLevel.Full,
        ["FULL_TRANSITIVE"] = CompatibilityLevel.FullTransitive,
    };

    private static readonly Dictionary<CompatibilityLevel, string> Names = ByName.ToDictionary(each => each.Value, each => each.Key);

    public static string AllNames { get; } = string.Join(", ", ByName.Keys);

    public static bool TryParse(string? name, out CompatibilityLevel level)
    {
        level = default;
        return name is not null && ByName.TryGetValue(name, out level);
    }

    public static string Name(this CompatibilityLevel level)
    {
        return Names[level];
    }

    /// <summary>The new schema must read what older ones wrote.</summary>
    public static bool ReadsOld(this CompatibilityLevel level)
    {
        return level is CompatibilityLevel.Backward or CompatibilityLevel.BackwardTransitive
            or CompatibilityLevel.Full or CompatibilityLevel.FullTransitive;
    }

    /// <summary>Older schemas must read what the new one writes.</summary>
    public static bool IsReadByOld(this CompatibilityLevel level)
    {
        return level is CompatibilityLevel.Forward or CompatibilityLevel.ForwardTransitive
            or CompatibilityLevel.Full or CompatibilityLevel.FullTransitive;
    }

    /// <summary>All versions count, not only the latest.</summary>
    public static bool IsTransitive(this CompatibilityLevel level)
    {
        return level is CompatibilityLevel.BackwardTransitive or CompatibilityLevel.ForwardTransitive or CompatibilityLevel.FullTransitive;
    }
}
