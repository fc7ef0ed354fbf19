using System.Globalization;

namespace Carousel.Broker.Log;

/// <summary>
/// How compaction puts one cleaned segment in the place of several, so that a crash at any point leaves either the old ones or the new one.
/// The cleaned files (<c>X.log.cleaned</c> and all three indexes, be they empty) are flushed first. Then <c>X.swap</c> appears, a text of two lines: <c>0</c>, and the first offsets of
/// the segments that go. From then on the swap is decided: those segments are removed, the cleaned files take their names, and the swap file goes last.
/// </summary>
internal static class SegmentLeftovers
{
    private const string Version = "0";
    private static readonly string[] Kinds = [SegmentFiles.OffsetIndex, SegmentFiles.TimeIndex, SegmentFiles.TransactionIndex, SegmentFiles.Log];

    /// <summary>Decides a swap, durably.</summary>
    public static void Begin(IFileSystem files, string directory, long baseOffset, IEnumerable<long> replaced)
    {
        string offsets = string.Join(' ', replaced.Select(offset => offset.ToString(CultureInfo.InvariantCulture)));
        SmallFile.ReplaceText(files, SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.Swap), $"{Version}\n{offsets}\n");
    }

    /// <summary>Carries a decided swap out. It may have been begun before: every step is one that can be taken again.</summary>
    public static void Complete(IFileSystem files, string directory, long baseOffset)
    {
        string swap = SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.Swap);
        foreach (long replaced in ReadReplaced(files, swap).Where(replaced => replaced != baseOffset))
        {
            LogSegment.DeleteFiles(files, directory, replaced);
            ProducerSnapshot.Delete(files, directory, replaced);
        }

        // A file that isn't there under its first name has its last one already.
        foreach (string kind in Kinds)
        {
            string cleaned = SegmentFiles.PathOf(directory, baseOffset, kind + SegmentFiles.Cleaned);
            if (files.FileExists(cleaned))
            {
                files.Rename(cleaned, SegmentFiles.PathOf(directory, baseOffset, kind));
            }
        }

        files.SyncDirectory(directory);
        files.DeleteFile(swap);
        files.SyncDirectory(directory);
    }

    /// <summary>At a start: completes what was decided and removes what wasn't.</summary>
    public static void Settle(IFileSystem files, string directory)
    {
        foreach (long baseOffset in SegmentFiles.OffsetsOf(files, directory, SegmentFiles.Swap))
        {
            Complete(files, directory, baseOffset);
        }

        foreach (string path in files.ListFiles(directory))
        {
            if (path.EndsWith(SegmentFiles.Cleaned, StringComparison.Ordinal) || path.EndsWith(SegmentFiles.Temporary, StringComparison.Ordinal))
            {
                files.DeleteFile(path);
            }
        }
    }

    /// <summary>The first offsets of the segments that a decided swap removes.</summary>
    /// <exception cref="LogCorruptException">The file doesn't say.</exception>
    public static long[] ReadReplaced(IFileSystem files, string swap)
    {
        string[] lines = SmallFile.ReadText(files, swap).Split('\n');
        string[] listed = lines.Length < 2 || lines[0] != Version ? [] : lines[1].Split(' ');
        long[] offsets = [.. listed.Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long offset) ? offset : -1)];
        return offsets.Length > 0 && offsets.All(offset => offset >= 0)
            ? offsets
            : throw new LogCorruptException(swap, 0, "the file should begin with \"0\" and list the segments that were compacted");
    }
}
