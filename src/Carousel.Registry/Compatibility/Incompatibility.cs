namespace Carousel.Registry.Compatibility;

internal enum IncompatibilityKind
{
    ReaderFieldMissingDefaultValue,
    TypeMismatch,
    NameMismatch,
    MissingEnumSymbols,
    FixedSizeMismatch,
    MissingUnionBranch,
}

/// <summary>One reason why a reader can't read what a writer wrote.</summary>
/// <param name="Path">JSON pointer into the reader's schema; for MISSING_UNION_BRANCH of a writer's union, the branch's index is the last step.</param>
/// <param name="Sentence">What breaks what, and how to mend it.</param>
internal sealed record Incompatibility(IncompatibilityKind Kind, string Path, string Sentence)
{
    /// <summary>The name that Avro's own compatibility check gives to the kind.</summary>
    public string KindName => Kind switch
    {
        IncompatibilityKind.ReaderFieldMissingDefaultValue => "READER_FIELD_MISSING_DEFAULT_VALUE",
        IncompatibilityKind.TypeMismatch => "TYPE_MISMATCH",
        IncompatibilityKind.NameMismatch => "NAME_MISMATCH",
        IncompatibilityKind.MissingEnumSymbols => "MISSING_ENUM_SYMBOLS",
        IncompatibilityKind.FixedSizeMismatch => "FIXED_SIZE_MISMATCH",
        IncompatibilityKind.MissingUnionBranch => "MISSING_UNION_BRANCH",
        _ => throw new ArgumentOutOfRangeException(nameof(Kind), Kind, "A kind of incompatibility without a name."),
    };

    public override string ToString()
    {
        return $"{KindName} at {Path}: {Sentence}";
    }
}

/// <summary>Who reads and who writes in one check, as the sentences call them; the new schema is the one that can be mended.</summary>
internal sealed record CheckRoles(string Reader, string Writer, bool NewReads)
{
    public static CheckRoles NewReadsOld(int version)
    {
        return new CheckRoles("the new schema", $"version {version}", NewReads: true);
    }

    public static CheckRoles OldReadsNew(int version)
    {
        return new CheckRoles($"version {version}", "the new schema", NewReads: false);
    }
}
