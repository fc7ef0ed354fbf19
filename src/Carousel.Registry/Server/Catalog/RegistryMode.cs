namespace Carousel.Registry.Server.Catalog;

/// <summary>Who may write: anybody, nobody, or only whoever brings ids and versions along.</summary>
internal enum RegistryMode
{
    ReadWrite,
    ReadOnly,
    Import,
}

internal static class RegistryModes
{
    public const string AllNames = "READWRITE, READONLY, IMPORT";

    public static bool TryParse(string? name, out RegistryMode mode)
    {
        (var known, mode) = name?.ToUpperInvariant() switch
        {
            "READWRITE" => (true, RegistryMode.ReadWrite),
            "READONLY" => (true, RegistryMode.ReadOnly),
            "IMPORT" => (true, RegistryMode.Import),
            _ => (false, default),
        };
        return known;
    }

    public static string Name(this RegistryMode mode)
    {
        return mode switch
        {
            RegistryMode.ReadOnly => "READONLY",
            RegistryMode.Import => "IMPORT",
            _ => "READWRITE",
        };
    }
}
