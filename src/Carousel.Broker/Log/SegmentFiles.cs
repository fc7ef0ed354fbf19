using System.Globalization;

namespace Carousel.Broker.Log;

/// <summary>The names of a partition's files: the first offset in 20 digits, and what the file holds.</summary>
internal static class SegmentFiles
{
    public const string Log = ".log";
    public const string OffsetIndex = ".index";
    public const string TimeIndex = ".timeindex";
    public const string TransactionIndex = ".txnindex";

    /// <summary>Kafka's snapshot of producer states: one batch of each.</summary>
    public const string Snapshot = ".snapshot";

    /// <summary>Our own snapshot of producer states: all five batches of each.</summary>
    public const string Producers = ".producers";

    /// <summary>After any of the above: a file that compaction is writing.</summary>
    public const string Cleaned = ".cleaned";

    /// <summary>The list of segments that a finished compaction replaces by its cleaned one.</summary>
    public const string Swap = ".swap";

    /// <summary>A small file before it takes its name.</summary>
    public const string Temporary = ".tmp";

    public const string LeaderEpochs = "leader-epoch-checkpoint";
    public const string Metadata = "partition.metadata";

    /// <summary>The offset that was last flushed, written without a flush of its own: see <see cref="FlushedOffsetFile"/>.</summary>
    public const string FlushedOffset = "flushed-offset";

    public static string PathOf(string directory, long offset, string suffix) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{offset:D20}{suffix}"));

    /// <summary>Reads the offset in a file's name. False where the name is of another kind.</summary>
    public static bool TryParse(string path, string suffix, out long offset)
    {
        offset = 0;
        string name = Path.GetFileName(path);
        return name.EndsWith(suffix, StringComparison.Ordinal)
            && name.Length == 20 + suffix.Length
            && long.TryParse(name.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture, out offset);
    }

    /// <summary>The offsets of all files of a kind, ascending.</summary>
    public static long[] OffsetsOf(IFileSystem files, string directory, string suffix) =>
        [.. files.ListFiles(directory).Select(path => TryParse(path, suffix, out long offset) ? offset : -1).Where(offset => offset >= 0).Order()];
}
