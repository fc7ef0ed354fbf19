using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>Verifies the files of one partition; see <see cref="LogCheck"/>.</summary>
internal sealed class PartitionCheck(IFileSystem files, string directory, List<LogFinding> findings, CancellationToken cancellationToken)
{
    private const string OutOfService = "The partition doesn't serve until it's repaired or removed.";

    public int Segments { get; private set; }

    public long Batches { get; private set; }

    public long Bytes { get; private set; }

    public void Run(long recoveryPoint, long logStart, Action<string, long>? segmentDone)
    {
        CheckMetadata();
        CheckLeftovers();
        long flushed = Math.Max(recoveryPoint, FlushedOffsetFile.Read(files, directory).EndOffset);
        long[] offsets = SegmentFiles.OffsetsOf(files, directory, SegmentFiles.Log);
        long endOffset = offsets.Length == 0 ? logStart : offsets[0];
        bool isBroken = false;
        for (int index = 0; index < offsets.Length; index++)
        {
            CheckNeighbours(offsets[index], endOffset, flushed, isBroken);
            string path = SegmentFiles.PathOf(directory, offsets[index], SegmentFiles.Log);
            (endOffset, bool isSound) = CheckSegment(path, offsets[index], Math.Max(endOffset, offsets[index]), flushed, isLast: index == offsets.Length - 1);
            isBroken |= !isSound;
            segmentDone?.Invoke(path, Bytes);
        }

        if (endOffset < flushed && !isBroken)
        {
            string path = SegmentFiles.PathOf(directory, offsets.LastOrDefault(), SegmentFiles.Log);
            Damage(path, -1, $"The log ends at offset {endOffset}, and everything below {flushed} had been flushed.", OutOfService);
        }

        CheckSnapshots(endOffset, isBroken);
    }

    private void CheckMetadata()
    {
        try
        {
            _ = PartitionMetadataFile.ReadTopicId(files, directory);
        }
        catch (LogCorruptException e)
        {
            Damage(e.File, e.Position, $"{e.Reason}.", OutOfService);
        }
    }

    private void CheckLeftovers()
    {
        foreach (string path in files.ListFiles(directory))
        {
            string? meaning =
                path.EndsWith(SegmentFiles.Swap, StringComparison.Ordinal) ? "A compaction was decided, and stopped before it was done."
                : path.EndsWith(SegmentFiles.Cleaned, StringComparison.Ordinal) ? "A compaction stopped halfway."
                : path.EndsWith(SegmentFiles.Temporary, StringComparison.Ordinal) ? "A small file wasn't finished."
                : null;
            if (meaning is not null)
            {
                string onStart = path.EndsWith(SegmentFiles.Swap, StringComparison.Ordinal) ? "It's completed." : "It's removed, or completed with its swap file.";
                findings.Add(new(FindingSeverity.Repairable, path, -1, meaning, onStart));
            }
        }
    }

    private void CheckNeighbours(long baseOffset, long endOffset, long flushed, bool isBroken)
    {
        string path = SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.Log);
        if (baseOffset < endOffset)
        {
            Damage(path, 0, $"The segment begins at offset {baseOffset}, and the one before ends at {endOffset}.", OutOfService);
        }
        else if (baseOffset > endOffset && !isBroken)
        {
            string problem = $"The offsets {endOffset} to {baseOffset - 1} aren't there.";
            findings.Add(endOffset < flushed
                ? new(FindingSeverity.Note, path, 0, problem, "Compaction leaves such gaps; a segment that was lost would look the same.")
                : new(FindingSeverity.Repairable, path, 0, problem, "The log is cut before the gap: nothing after it had been acknowledged."));
        }
    }

    private (long EndOffset, bool IsSound) CheckSegment(string path, long baseOffset, long offsetMin, long flushed, bool isLast)
    {
        using IFile file = files.Open(path, FileAccessKind.Read);
        using var reader = new BatchReader(file, 0, (int)file.Length, offsetMin);
        var index = new IndexCheck(files, directory, baseOffset, findings);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            index.Take(reader.Batch, reader.Position);
            CheckRecords(path, reader);
            Batches++;
        }

        Segments++;
        Bytes += reader.Position;
        bool isSound = reader.Problem is null || SayProblem(file, reader, flushed, isLast);
        index.Finish(isComplete: reader.Problem is null && !isLast);
        return (reader.NextOffset, isSound);
    }

    /// <summary>Says what the batches end with. True if it's no more than the space that was allocated ahead.</summary>
    private bool SayProblem(IFile file, BatchReader reader, long flushed, bool isLast)
    {
        if (IsZeroFrom(file, reader.Position))
        {
            findings.Add(new(FindingSeverity.Note, file.Path, reader.Position, "Zeros follow the last record batch: space that was allocated ahead.", "They are cut."));
            return true;
        }

        if (reader.NextOffset < flushed)
        {
            Damage(file.Path, reader.Position, $"{Sentence(reader.Problem!)} Offset {reader.NextOffset} is due there, and everything below {flushed} had been flushed.", OutOfService);
            return false;
        }

        string onStart = isLast
            ? "It's cut: nothing from there on had been acknowledged."
            : "It's cut with all later segments: nothing from there on had been acknowledged.";
        findings.Add(new(FindingSeverity.Repairable, file.Path, reader.Position, Sentence(reader.Problem!), onStart));
        return false;
    }

    private void CheckRecords(string path, BatchReader reader)
    {
        RecordBatchHeader header = reader.Header;
        if (header.Compression != CompressionType.None)
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

    private void CheckSnapshots(long endOffset, bool isBroken)
    {
        foreach (string kind in (string[])[SegmentFiles.Snapshot, SegmentFiles.Producers])
        {
            foreach (long offset in SegmentFiles.OffsetsOf(files, directory, kind))
            {
                string path = SegmentFiles.PathOf(directory, offset, kind);
                if (ProducerSnapshot.ProblemOf(files, path, offset) is { } problem)
                {
                    findings.Add(new(FindingSeverity.Repairable, path, -1, Sentence(problem), "The producers' states are made anew from an older one and the log."));
                }
                else if (offset > endOffset && !isBroken)
                {
                    findings.Add(new(FindingSeverity.Repairable, path, -1, $"The snapshot is of offset {offset}, and the log ends at {endOffset}.", "It's removed."));
                }
            }
        }
    }

    private void Damage(string file, long position, string problem, string onStart) => findings.Add(new(FindingSeverity.Damage, file, position, problem, onStart));

    private static string Sentence(string problem) => $"{char.ToUpperInvariant(problem[0])}{problem[1..]}.";

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
