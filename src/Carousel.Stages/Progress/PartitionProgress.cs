namespace Carousel.Stages.Progress;

/// <summary>
/// How far a group has come in a partition, beyond the one number that it commits: the done-set, and the records that wait for a retry.
/// </summary>
/// <param name="Base">The committed offset of the same transaction: the first unfinished one.</param>
/// <param name="WrittenAt">UTC, millisecond precision.</param>
/// <param name="Done">Finished offsets above the base: runs in ascending order, with at least one unfinished offset before each.</param>
/// <param name="Waiting">In ascending order, none of them done.</param>
internal sealed record PartitionProgress(long Base, DateTime WrittenAt, IReadOnlyList<OffsetRun> Done, IReadOnlyList<WaitingRecord> Waiting)
{
    /// <summary>Unfinished records below the highest finished one, at most. It bounds the size of the done-set.</summary>
    public const int UnfinishedMax = 16_384;

    /// <summary>Nothing that the committed offset alone doesn't say.</summary>
    public bool IsEmpty => Done.Count == 0 && Waiting.Count == 0;

    /// <summary>One past the highest offset that it speaks of.</summary>
    public long End => Math.Max(Done.Count > 0 ? Done[^1].End : Base, Waiting.Count > 0 ? Waiting[^1].Offset + 1 : Base);

    /// <summary>What is left of a wait that this tells of. Between two machines' clocks it is neither lengthened nor lost: at most what was left then.</summary>
    public TimeSpan DelayLeft(WaitingRecord waiting, DateTime now)
    {
        TimeSpan passed = now > WrittenAt ? now - WrittenAt : TimeSpan.Zero;
        return waiting.Delay > passed ? waiting.Delay - passed : TimeSpan.Zero;
    }

    public bool IsDone(long offset)
    {
        int low = 0;
        int high = Done.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (offset < Done[middle].First)
            {
                high = middle - 1;
            }
            else if (offset >= Done[middle].End)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
