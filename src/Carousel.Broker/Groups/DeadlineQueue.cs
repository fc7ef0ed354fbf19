using System.Threading.Channels;

namespace Carousel.Broker.Groups;

/// <summary>
/// All deadlines of all groups, behind one timer. A heartbeat only moves its deadline: the entry in the queue stays where it is, and is put back when it
/// comes up too early, so that thousands of members cost one entry each. A lock guards the queue; what has expired runs outside of it, in
/// <see cref="RunAsync"/>.
/// </summary>
internal sealed class DeadlineQueue : IDisposable
{
    private static readonly TimeSpan TimerMax = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly PriorityQueue<Deadline, long> _entries = new();
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer _timer;

    public DeadlineQueue(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => _wakes.Writer.TryWrite(true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Entries waiting, which are at most a few more than there are deadlines.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Lets deadlines expire until it's cancelled. What they do may throw: then this ends with it.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        _wakes.Writer.TryWrite(true);
        await foreach (bool _ in _wakes.Reader.ReadAllAsync(cancellation))
        {
            ExpireDue();
        }
    }

    /// <summary>Expires what is due by now, one after another, on this thread.</summary>
    public void ExpireDue()
    {
        while (TakeDue() is { } deadline)
        {
            deadline.Expire();
        }
    }

    public void Dispose() => _timer.Dispose();

    internal bool IsDue(Deadline deadline)
    {
        lock (_lock)
        {
            return deadline.DueAt <= _time.GetTimestamp();
        }
    }

    internal void Set(Deadline deadline, TimeSpan? after)
    {
        lock (_lock)
        {
            deadline.DueAt = after is { } wait ? _time.GetTimestamp() + (long)(wait.TotalSeconds * _time.TimestampFrequency) : Deadline.Never;
            if (deadline.DueAt < deadline.QueuedFor)
            {
                Enqueue(deadline);
                ArmNeedsLock();
            }
        }
    }

    private Deadline? TakeDue()
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            while (_entries.TryPeek(out Deadline? deadline, out long at) && at <= now)
            {
                _entries.Dequeue();
                if (at != deadline.QueuedFor)
                {
                    continue;
                }

                deadline.QueuedFor = Deadline.Never;
                if (deadline.DueAt <= now)
                {
                    return deadline;
                }

                if (deadline.DueAt != Deadline.Never)
                {
                    Enqueue(deadline);
                }
            }

            ArmNeedsLock();
            return null;
        }
    }

    private void Enqueue(Deadline deadline)
    {
        deadline.QueuedFor = deadline.DueAt;
        _entries.Enqueue(deadline, deadline.DueAt);
    }

    private void ArmNeedsLock()
    {
        if (_entries.TryPeek(out _, out long at))
        {
            // A timer cuts off what isn't a whole millisecond: rounded up, the loop doesn't turn until the moment has come.
            double wait = Math.Ceiling(_time.GetElapsedTime(_time.GetTimestamp(), at).TotalMilliseconds);
            _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(wait, 0, TimerMax.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
    }
}
