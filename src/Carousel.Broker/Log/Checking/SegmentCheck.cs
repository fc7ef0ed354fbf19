using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>What is known of a segment before its batches are walked.</summary>
/// <param name="OffsetMin">The least offset that its first batch may have.</param>
/// <param name="GaplessFrom">From here on no offset may be missing, and no gap may lead over it.</param>
/// <param name="OffsetMax">All its batches end at or below.</param>
/// <param name="Flushed">Everything below was flushed.</param>
/// <param name="IsScanned">The next start walks its batches; otherwise it takes the segment by its indexes.</param>
/// <param name="IsLast">No other follows.</param>
internal readonly record struct SegmentPlace(long OffsetMin, long GaplessFrom, long OffsetMax, long Flushed, bool IsScanned, bool IsLast);

/// <summary>What a walk through one segment found.</summary>
/// <param name="Problem">What stands where the batches end; null where they end with the file.</param>
/// <param name="IsZeroTail">Nothing but zeros does.</param>
/// <param name="IsSeenByStart">A start that doesn't walk the segment meets the problem all the same.</param>
internal readonly record struct SegmentVerdict(long Batches, int Size, long NextOffset, string? Problem, bool IsZeroTail, bool IsSeenByStart);

/// <summary>Walks the batches of one segment, with its indexes beside; see <see cref="PartitionCheck"/>.</summary>
/// <param name="producers">As they are at the segment's beginning; null where aborted transactions can't be told from the log.</param>
internal sealed class SegmentCheck(IFileSystem files, string directory, long baseOffset, ProducerStates? producers, List<LogFinding> findings)
{
    public SegmentVerdict Run(SegmentPlace place, CancellationToken cancellationToken)
    {
        using IFile file = files.Open(SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.Log), FileAccessKind.Read);
        using var reader = new BatchReader(file, 0, (int)Math.Min(file.Length, int.MaxValue), place.OffsetMin);

        // What a start walks it indexes anew, whatever the files say.
        using IndexCheck? index = place.IsScanned ? null : new IndexCheck(files, directory, file, baseOffset, findings);
        (long batches, long next, string? problem) = (0, place.OffsetMin, null);
        while (problem is null && reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            problem = ProblemOf(reader.Header, next, place);
            if (problem is not null)
            {
                break;
            }

            AbortedTransaction? aborted = TakeAborted(reader.Batch, next);
            index?.Take(reader.Batch, reader.Position, aborted);
            CheckRecords(file.Path, reader);
            (batches, next) = (batches + 1, reader.NextOffset);
        }

        problem ??= reader.Problem;
        index?.Finish(isComplete: problem is null);
        bool isZeroTail = problem is not null && IsZeroFrom(file, reader.Position);
        return new(batches, reader.Position, next, problem, isZeroTail, problem is not null && IsSeenByStart(file, index, place));
    }

    /// <summary>What is wrong with the offsets of a batch whose checksum is right: it doesn't cover the first of them.</summary>
    private static string? ProblemOf(RecordBatchHeader header, long next, SegmentPlace place) =>
        header.BaseOffset > Math.Max(next, place.GaplessFrom) ? $"a record batch begins with offset {header.BaseOffset}, and {next} is due"
        : header.LastOffset > place.OffsetMax ? $"a record batch ends with offset {header.LastOffset}, and the next segment begins at {place.OffsetMax + 1}"
        : null;

    private AbortedTransaction? TakeAborted(ReadOnlySpan<byte> batch, long offset)
    {
        if (producers is null)
        {
            return null;
        }

        AbortedTransaction? aborted = producers.Add(batch, now: 0);

        // Otherwise the list of those that ended grows with the log.
        _ = producers.FirstUndecidedOffset(offset);
        return aborted;
    }

    private void CheckRecords(string path, BatchReader reader)
    {
        if (reader.Header.Compression != CompressionType.None)
        {
            return;
        }

        RecordReader records = RecordReader.OfUncompressed(reader.Batch);
        while (records.Read())
        {
            // Only its problem is of interest.
        }

        if (records.Problem is not null)
        {
            findings.Add(new(FindingSeverity.Note, path, reader.Position, $"The batch is as its producer sent it, but {records.Problem}.", "It's served as it is; consumers refuse it."));
        }
    }

    /// <summary>A start takes a segment by its indexes where it can, and then looks at no more than the headers after the last entry of the last one.</summary>
    private static bool IsSeenByStart(IFile file, IndexCheck? index, SegmentPlace place)
    {
        if (index is null || !index.IsUsable || !place.IsLast)
        {
            return index is null || !index.IsUsable;
        }

        try
        {
            Span<byte> buffer = stackalloc byte[BatchWalk.BufferSize];
            var walk = new BatchWalk(file, index.LastPosition, (int)Math.Min(file.Length, int.MaxValue), buffer);
            long end = 0;
            while (walk.Read())
            {
                end = walk.Current.LastOffset + 1;
            }

            return end < place.Flushed;
        }
        catch (LogCorruptException)
        {
            return true;
        }
    }

    private static bool IsZeroFrom(IFile file, long position)
    {
        Span<byte> bytes = stackalloc byte[4096];
        int read;
        for (; (read = file.Read(bytes, position)) > 0; position += read)
        {
            if (bytes[..read].IndexOfAnyExcept((byte)0) >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
