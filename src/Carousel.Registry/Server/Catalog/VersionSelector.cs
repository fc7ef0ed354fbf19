using System.Globalization;

namespace Carousel.Registry.Server.Catalog;

/// <summary>A version as a request names it: a number, or "latest" (Confluent's clients also say -1).</summary>
internal readonly record struct VersionSelector(int? Number)
{
    /// <exception cref="RegistryException">42202: it is neither.</exception>
    public static VersionSelector Parse(string text)
    {
        if (text is "latest" or "-1")
        {
            return default;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? new VersionSelector(number)
            : throw RegistryException.InvalidVersion(text);
    }

    public override string ToString()
    {
        return Number?.ToString(CultureInfo.InvariantCulture) ?? "latest";
    }

    /// <summary>The version of this subject, or 40401/40402 when there is none (soft-deleted ones count when asked for).</summary>
    public SchemaVersion Of(CatalogSnapshot snapshot, string subject, bool includeDeleted)
    {
        var versions = snapshot.Versions(subject).Where(each => includeDeleted || !each.IsDeleted).ToList();
        if (versions.Count == 0)
        {
            throw RegistryException.SubjectNotFound(subject);
        }

        var number = Number;
        return (number is null ? versions[^1] : versions.Find(each => each.Version == number))
            ?? throw RegistryException.VersionNotFound(subject, ToString());
    }
}
