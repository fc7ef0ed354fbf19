using System.Collections.Immutable;
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
internal sealed record LogCheckReport
{
    public int Partitions => EndOffsets.Count;

    public int Segments { get; init; }

    public long Batches { get; init; }

    /// <summary>Bytes of sound batches.</summary>
    public long Bytes { get; init; }

    /// <summary>Segments that end in space that was allocated ahead, which the next start cuts.</summary>
    public int ZeroTails { get; init; }

    /// <summary>Where each partition's log ends.</summary>
    public ImmutableDictionary<TopicPartition, long> EndOffsets { get; init; } = [];

    public required bool WasClosedCleanly { get; init; }

    public required IReadOnlyList<LogFinding> Findings { get; init; }

    public LogCheckReport With(TopicPartition partition, PartitionCheck check) => this with
    {
        Segments = Segments + check.Segments,
        Batches = Batches + check.Batches,
        Bytes = Bytes + check.Bytes,
        ZeroTails = ZeroTails + (check.HasZeroTail ? 1 : 0),
        EndOffsets = EndOffsets.SetItem(partition, check.EndOffset),
    };
}
