using System.Globalization;

namespace Carousel.Broker.Log;

/// <summary>How bad a finding is.</summary>
internal enum FindingSeverity
{
    /// <summary>Nothing is wrong: it's worth knowing.</summary>
    Note,

    /// <summary>The next start repairs it, and nothing that was acknowledged is lost.</summary>
    Repairable,

    /// <summary>The partition won't serve, or readers will meet an error.</summary>
    Damage,
}

/// <summary>Something that a check of a data directory found.</summary>
/// <param name="Position">Byte of the file; -1 where it concerns the file as a whole.</param>
/// <param name="Problem">A sentence: what is there.</param>
/// <param name="OnStart">A sentence: what happens about it when a broker starts.</param>
internal sealed record LogFinding(FindingSeverity Severity, string File, long Position, string Problem, string OnStart)
{
    public override string ToString()
    {
        string at = Position < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" at byte {Position}");
        return $"{Severity}: {File}{at}: {Problem} {OnStart}";
    }
}

/// <summary>What was looked at, and what was found.</summary>
internal sealed record LogCheckReport(int Partitions, int Segments, long Batches, long Bytes, bool WasClosedCleanly, IReadOnlyList<LogFinding> Findings)
{
    public bool HasDamage => Findings.Any(finding => finding.Severity == FindingSeverity.Damage);
}
