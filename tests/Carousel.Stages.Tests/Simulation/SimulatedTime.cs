namespace Carousel.Stages.Tests.Simulation;

/// <summary>A clock that stands still until it is moved to its next timer. Owned by the simulation's one thread.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly SortedSet<SimulatedTimer> _timers = new(Comparer<SimulatedTimer>.Create((a, b) => (a.Due, a.Number).CompareTo((b.Due, b.Number))));
    private long _now;
    private long _number;

    public TimeSpan Elapsed => TimeSpan.FromTicks(_now);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => Start + Elapsed;

    /// <summary>Lets time pass without its timers: a call that takes long.</summary>
    public void Skip(TimeSpan time) => _now += time.Ticks;

    public bool FireNext()
    {
        if (_timers.Min is not { } next)
        {
            return false;
        }

        _timers.Remove(next);
        _now = Math.Max(_now, next.Due);
        next.Fire();
        return true;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimulatedTimer(SimulatedTime time, Action callback) : ITimer
    {
        private TimeSpan _period;

        public long Due { get; private set; }

        public long Number { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time._timers.Remove(this);
            _period = period;
            if (dueTime >= TimeSpan.Zero)
            {
                (Due, Number) = (time._now + dueTime.Ticks, time._number++);
                time._timers.Add(this);
            }

            return true;
        }

        public void Fire()
        {
            if (_period > TimeSpan.Zero)
            {
                Change(_period, _period);
            }

            callback();
        }

        public void Dispose() => time._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
