using Carousel.Broker.Partitions;

namespace Carousel.Broker.Log;

/// <summary>Verifies the files of one partition, and says what a start makes of each finding; see <see cref="LogCheck"/>.</summary>
internal sealed class PartitionCheck(IFileSystem files, string directory, RecoveryHints hints, PartitionKnowledge knowledge, List<LogFinding> findings)
{
    private readonly PartitionLeftovers _leftovers = new(files, directory, findings, OutOfService(knowledge));
    private bool _isBroken;

    public int Segments { get; private set; }

    public long Batches { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Where the sound batches end.</summary>
    public long EndOffset { get; private set; }

    /// <summary>Whether the last segment ends in space that was allocated ahead, as a broker leaves it that was killed.</summary>
    public bool HasZeroTail { get; private set; }

    public void Run(Action<string>? segmentDone, CancellationToken cancellationToken)
    {
        _leftovers.Check();
        FlushedOffsets noted = FlushedOffsetFile.Read(files, directory);
        long flushed = Math.Max(hints.RecoveryPoint, noted.EndOffset);
        long[] offsets = SegmentFiles.OffsetsOf(files, directory, SegmentFiles.Log);
        int scannedFrom = hints.IsClean ? offsets.Length : Math.Max(0, Array.FindLastIndex(offsets, offset => offset <= noted.SealedOffset));
        bool isLastSound = true;
        ProducerStates? producers = knowledge.IsCompacted == false ? new ProducerStates() : null;
        EndOffset = offsets.Length == 0 ? hints.StartOffset : offsets[0];
        for (int index = 0; index < offsets.Length; index++)
        {
            SegmentPlace place = PlaceOf(offsets, index, scannedFrom, flushed);
            SegmentVerdict verdict = new SegmentCheck(files, directory, offsets[index], producers, findings).Run(place, cancellationToken);
            (Segments, Batches, Bytes, EndOffset) = (Segments + 1, Batches + verdict.Batches, Bytes + verdict.Size, verdict.NextOffset);
            string path = SegmentFiles.PathOf(directory, offsets[index], SegmentFiles.Log);
            bool isCut = Judge(path, verdict, place, nextBase: place.IsLast ? null : offsets[index + 1]);
            segmentDone?.Invoke(path);
            if (isCut)
            {
                break;
            }

            isLastSound = verdict.Problem is null || HasZeroTail;
        }

        if (EndOffset < flushed && isLastSound)
        {
            string path = SegmentFiles.PathOf(directory, offsets.LastOrDefault(), SegmentFiles.Log);
            Damage(path, -1, $"The log ends at offset {EndOffset}, and everything below {flushed} had been flushed.", OutOfService(knowledge));
        }

        _leftovers.CheckSnapshots(_isBroken ? long.MaxValue : EndOffset);
    }

    private SegmentPlace PlaceOf(long[] offsets, int index, int scannedFrom, long flushed)
    {
        bool isScanned = index >= scannedFrom;
        bool isLast = index == offsets.Length - 1;
        long offsetMin = index > scannedFrom ? Math.Max(EndOffset, offsets[index]) : offsets[index];
        long gaplessFrom = knowledge.IsCompacted == false ? 0 : isScanned ? flushed : long.MaxValue;
        return new(offsetMin, gaplessFrom, isLast || isScanned ? long.MaxValue : offsets[index + 1] - 1, flushed, isScanned, isLast);
    }

    /// <summary>What is said of a broken partition whose damage the start sees.</summary>
    private static string OutOfService(PartitionKnowledge knowledge) =>
        knowledge.IsVital
            ? "The broker doesn't start until the folder is put back from a copy, or moved away."
            : "The partition doesn't serve until it's repaired or removed; the others do.";

    /// <summary>Says what is wrong with the segment's end and with what follows. True if the start cuts the log there.</summary>
    private bool Judge(string path, SegmentVerdict verdict, SegmentPlace place, long? nextBase)
    {
        bool hasGap = nextBase > verdict.NextOffset;
        if (verdict.Problem is null || (verdict.IsZeroTail && place.IsScanned))
        {
            HasZeroTail |= verdict.Problem is not null;
            return hasGap && JudgeGap(path, verdict, place, nextBase!.Value);
        }

        _isBroken = true;
        string problem = Sentence(verdict.Problem);
        if (place.IsScanned && verdict.NextOffset >= place.Flushed)
        {
            string what = place.IsLast ? "It's cut" : "It's cut with all later segments";
            findings.Add(new(FindingSeverity.Repairable, path, verdict.Size, problem, $"{what}: nothing from there on had been acknowledged."));
            return true;
        }

        bool isFlushed = verdict.NextOffset < place.Flushed;
        string due = isFlushed ? $" Offset {verdict.NextOffset} is due there, and everything below {place.Flushed} had been flushed." : "";
        Damage(path, verdict.Size, problem + due, verdict.IsSeenByStart || knowledge.IsVital ? OutOfService(knowledge) : "The start doesn't look there: the partition serves, but readers who come there are told CORRUPT_MESSAGE.");
        return false;
    }

    private bool JudgeGap(string path, SegmentVerdict verdict, SegmentPlace place, long nextBase)
    {
        string problem = $"The offsets {verdict.NextOffset} to {nextBase - 1} aren't there: the next segment begins at {nextBase}.";
        bool isSeen = place.IsScanned && (verdict.Problem is not null || nextBase > place.Flushed);
        if (isSeen && verdict.NextOffset >= place.Flushed)
        {
            _isBroken = true;
            findings.Add(new(FindingSeverity.Repairable, path, verdict.Size, problem, "It's cut there: nothing after it had been acknowledged."));
            return true;
        }

        if (isSeen || knowledge.IsCompacted == false)
        {
            _isBroken = true;
            Damage(path, verdict.Size, problem, isSeen ? OutOfService(knowledge) : "The start doesn't see it; readers go on behind the gap.");
        }
        else if (knowledge.IsCompacted is null)
        {
            findings.Add(new(FindingSeverity.Note, path, verdict.Size, problem, "Compaction leaves such gaps; a segment that was lost would look the same."));
        }

        return false;
    }

    private void Damage(string file, long position, string problem, string onStart) => findings.Add(new(FindingSeverity.Damage, file, position, problem, onStart));

    private static string Sentence(string problem) => $"{char.ToUpperInvariant(problem[0])}{problem[1..]}.";
}
