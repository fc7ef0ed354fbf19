namespace Carousel.Gateway;

/// <summary>Lets one log line through per interval and counts the others, for faults that come with every request. Thread-safe.</summary>
internal sealed class LogThrottle(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private long? _last;
    private int _suppressed;

    public bool TryPass(out int suppressed)
    {
        long now = time.GetTimestamp();
        lock (_lock)
        {
            if (_last is { } last && time.GetElapsedTime(last, now) < Interval)
            {
                _suppressed++;
                suppressed = 0;
                return false;
            }

            _last = now;
            suppressed = _suppressed;
            _suppressed = 0;
            return true;
        }
    }
}
