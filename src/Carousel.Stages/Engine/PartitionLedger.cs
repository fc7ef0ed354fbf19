using Carousel.Stages.Progress;

namespace Carousel.Stages.Engine;

/// <summary>
/// The books of one assigned partition: which fetched records are open, and hence what its committed offset and its done-set are. Intake appends, the
/// commit loop takes and describes; the lock is for whoever asks where records are meanwhile.
/// Invariant: every offset from the base to <see cref="_tracked"/> that is none of an open slot is done, taken or holds no record.
/// </summary>
internal sealed class PartitionLedger
{
    private readonly Lock _lock = new();
    private readonly List<RecordSlot> _taken = [];
    private List<RecordSlot> _open = [];
    private List<RecordSlot> _offered = [];

    /// <summary>One past the last record fetched, or the committed offset while none is.</summary>
    private long _tracked;

    /// <summary>What a former owner left, of which that part still counts that lies at or above <see cref="_tracked"/>.</summary>
    private PartitionProgress? _inherited;

    /// <summary>Finished slots that can't be taken, because too many unfinished ones lie below them.</summary>
    public int DeferredCount => _offered.Count;

    /// <summary>Whether the progress topic may hold a record of this partition that says something.</summary>
    public bool HasWrittenProgress { get; set; }

    /// <summary>Called before the first record is appended.</summary>
    public void Begin(long committed, PartitionProgress? inherited, bool hasWrittenProgress)
    {
        lock (_lock)
        {
            (_tracked, _inherited) = (committed, inherited);
            HasWrittenProgress = hasWrittenProgress;
        }
    }

    public void Append(RecordSlot slot)
    {
        lock (_lock)
        {
            _open.Add(slot);
            _tracked = slot.Record.Offset + 1;
        }
    }

    /// <summary>A slot that came out of <see cref="FinishedSlots"/>, to be taken next.</summary>
    public void Offer(RecordSlot slot)
    {
        slot.IsOffered = true;
        _offered.Add(slot);
    }

    /// <summary>
    /// Moves what was offered into the batch, in the order in which it was. What lies above too many unfinished records stays: the done-set would grow
    /// without bound. Those that stay have higher offsets than those that go, so no key's order suffers.
    /// </summary>
    public void Take(List<RecordSlot> batch)
    {
        if (_offered.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            long frontier = RemoveOfferedNeedsLock();
            List<RecordSlot> deferred = [];
            foreach (RecordSlot slot in _offered)
            {
                if (slot.Record.Offset < frontier)
                {
                    batch.Add(slot);
                    _taken.Add(slot);
                }
                else
                {
                    deferred.Add(slot);
                }
            }

            _offered = deferred;
        }
    }

    /// <summary>What the next transaction has to say, with all that was taken as done.</summary>
    public PartitionProgress Describe(TimeProvider time)
    {
        lock (_lock)
        {
            var builder = new ProgressBuilder(_open.Count > 0 ? _open[0].Record.Offset : _tracked);
            foreach (RecordSlot slot in _open)
            {
                WaitingRecord? waiting = slot.Retry is { } retry
                    ? new WaitingRecord(slot.Record.Offset, retry.Attempts, retry.Left(time), retry.Age)
                    : null;
                builder.AddUnfinished(slot.Record.Offset, waiting);
            }

            builder.AddDone(_tracked);
            if (_inherited?.End <= _tracked)
            {
                _inherited = null;
            }

            return builder.Build(Now(time), _inherited, _tracked);
        }
    }

    /// <summary>The transaction that held what was taken is committed, or the partition has ended.</summary>
    public void LetGo()
    {
        lock (_lock)
        {
            _taken.Clear();
        }
    }

    /// <summary>Gives up all that is open, finished or not, once the partition has ended.</summary>
    public List<RecordSlot> TakeRest()
    {
        lock (_lock)
        {
            List<RecordSlot> rest = _open;
            (_open, _offered) = ([], []);
            return rest;
        }
    }

    public PartitionSnapshot Snapshot(SourcePartition id, TimeProvider time)
    {
        lock (_lock)
        {
            var builder = new SnapshotBuilder(time);
            _taken.ForEach(builder.Add);
            _open.ForEach(builder.Add);
            return builder.Build(id, _open.Count > 0 ? _open[0].Record.Offset : _tracked, _tracked, _open.Count > 0 ? _open[0] : null);
        }
    }

    /// <summary>Rounded up: what waits must not seem to have waited longer than it has.</summary>
    private static DateTime Now(TimeProvider time) =>
        new((time.GetUtcNow().Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, DateTimeKind.Utc);

    /// <returns>The offset from which on too many unfinished records lie below.</returns>
    private long RemoveOfferedNeedsLock()
    {
        int unfinished = 0;
        int kept = 0;
        long frontier = long.MaxValue;
        for (int i = 0; i < _open.Count; i++)
        {
            RecordSlot slot = _open[i];
            if (slot.IsOffered && slot.Record.Offset < frontier)
            {
                continue;
            }

            _open[kept++] = slot;
            if (++unfinished > PartitionProgress.UnfinishedMax)
            {
                frontier = Math.Min(frontier, slot.Record.Offset);
            }
        }

        _open.RemoveRange(kept, _open.Count - kept);
        return frontier;
    }
}
