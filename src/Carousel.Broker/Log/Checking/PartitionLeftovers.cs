namespace Carousel.Broker.Log;

/// <summary>Verifies what a partition has beside its segments; see <see cref="PartitionCheck"/>.</summary>
/// <param name="outOfService">What happens at a start where that finds the partition broken.</param>
internal sealed class PartitionLeftovers(IFileSystem files, string directory, List<LogFinding> findings, string outOfService)
{
    public void Check()
    {
        SayIfCorrupt(() => _ = PartitionMetadataFile.ReadTopicId(files, directory));
        foreach (string path in files.ListFiles(directory))
        {
            switch (Path.GetExtension(path))
            {
                case SegmentFiles.Swap:
                    Repairable(path, "A compaction was decided, and stopped before it was done.", "It's completed.");
                    SayIfCorrupt(() => SegmentLeftovers.ReadReplaced(files, path));
                    break;
                case SegmentFiles.Cleaned:
                    Repairable(path, "A compaction stopped halfway.", "The file is removed, or takes its name if the compaction was decided.");
                    break;
                case SegmentFiles.Temporary:
                    Repairable(path, "A small file wasn't finished.", "It's removed; the former one counts.");
                    break;
            }
        }

        string flushed = Path.Combine(directory, SegmentFiles.FlushedOffset);
        if (files.FileExists(flushed) && !FlushedOffsetFile.IsWhole(SmallFile.Read(files, flushed)))
        {
            Repairable(flushed, "The file's length or checksum is wrong.", "It's written anew; how far the log was flushed is taken from the recovery point, which may lag behind.");
        }
    }

    /// <param name="endOffset">Where the log ends.</param>
    public void CheckSnapshots(long endOffset)
    {
        foreach (string kind in (string[])[SegmentFiles.Snapshot, SegmentFiles.Producers])
        {
            foreach (long offset in SegmentFiles.OffsetsOf(files, directory, kind))
            {
                string path = SegmentFiles.PathOf(directory, offset, kind);
                if (ProducerSnapshot.ProblemOf(files, path, offset) is { } problem)
                {
                    Repairable(path, $"{char.ToUpperInvariant(problem[0])}{problem[1..]}.", "The producers' states are made anew from an older one and the log.");
                }
                else if (offset > endOffset)
                {
                    Repairable(path, $"The snapshot is of offset {offset}, and the log ends at {endOffset}.", "It's removed.");
                }
            }
        }
    }

    private void SayIfCorrupt(Action read)
    {
        try
        {
            read();
        }
        catch (LogCorruptException e)
        {
            findings.Add(new(FindingSeverity.Damage, e.File, e.Position, $"{char.ToUpperInvariant(e.Reason[0])}{e.Reason[1..]}.", outOfService));
        }
    }

    private void Repairable(string path, string problem, string onStart) => findings.Add(new(FindingSeverity.Repairable, path, -1, problem, onStart));
}
