using Carousel.Registry.Schemas;

namespace Carousel.Registry.Compatibility;

/// <summary>Applies a level to a new schema and the versions it has to get along with.</summary>
internal static class CompatibilityRule
{
    /// <summary>Every violation, with the version it is against; nothing when the schema may be registered.</summary>
    /// <param name="older">Ascending by version. A level that isn't transitive looks at the last one only.</param>
    public static IReadOnlyList<string> Check(CompatibilityLevel level, ParsedSchema schema, IReadOnlyList<(int Version, ParsedSchema Schema)> older)
    {
        var messages = new List<string>();
        foreach (var (version, old) in level.IsTransitive() ? older : older.TakeLast(1))
        {
            if (level.ReadsOld())
            {
                messages.AddRange(CompatibilityChecker.Check(schema, old, CheckRoles.NewReadsOld(version)).Select(each => each.ToString()));
            }

            if (level.IsReadByOld())
            {
                messages.AddRange(CompatibilityChecker.Check(old, schema, CheckRoles.OldReadsNew(version)).Select(each => each.ToString()));
            }
        }

        return messages;
    }
}
