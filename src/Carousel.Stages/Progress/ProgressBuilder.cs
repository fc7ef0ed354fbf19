namespace Carousel.Stages.Progress;

/// <summary>
/// Puts a partition's progress together from its unfinished records, in ascending order: what lies between two of them is done. Above so many unfinished
/// ones as a done-set may have it says nothing more; what is finished there isn't taken, and gaps without records needn't be known.
/// </summary>
internal sealed class ProgressBuilder(long first)
{
    private readonly List<OffsetRun> _done = [];
    private readonly List<WaitingRecord> _waiting = [];
    private long _first = first;
    private long _position = first;
    private int _unfinished;

    public void AddUnfinished(long offset, WaitingRecord? waiting)
    {
        AddDone(offset);
        _unfinished++;
        _position = offset + 1;
        if (waiting is { } record && _waiting.Count < PartitionProgress.UnfinishedMax)
        {
            _waiting.Add(record);
        }
    }

    /// <summary>All that wasn't said to be unfinished is done, up to this offset.</summary>
    public void AddDone(long end)
    {
        if (end > _position && _unfinished <= PartitionProgress.UnfinishedMax)
        {
            _done.Add(new OffsetRun(_position, end));
        }

        _position = Math.Max(_position, end);
    }

    /// <param name="inherited">What a former owner left, or null; of it counts what lies at or above <paramref name="from"/>.</param>
    public PartitionProgress Build(DateTime writtenAt, PartitionProgress? inherited, long from)
    {
        if (inherited is not null)
        {
            AddInherited(inherited, from, writtenAt);
        }

        return new PartitionProgress(_first, writtenAt, _done, _waiting);
    }

    private void AddInherited(PartitionProgress inherited, long from, DateTime now)
    {
        foreach (OffsetRun run in inherited.Done.Where(run => run.End > from))
        {
            var rest = new OffsetRun(Math.Max(run.First, from), run.End);
            if (rest.First == _first)
            {
                // Nothing below is unfinished: the base itself moves on.
                _first = rest.End;
            }
            else if (_done.Count > 0 && _done[^1].End == rest.First)
            {
                _done[^1] = _done[^1] with { End = rest.End };
            }
            else
            {
                _done.Add(rest);
            }
        }

        _waiting.AddRange(inherited.Waiting
            .Where(record => record.Offset >= from)
            .Select(record => record with { Delay = inherited.DelayLeft(record, now) })
            .Take(PartitionProgress.UnfinishedMax - _waiting.Count));
    }
}
