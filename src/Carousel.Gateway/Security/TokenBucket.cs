namespace Carousel.Gateway.Security;

/// <summary>
/// A client's rate limit as the time at which its bucket will be full again (GCRA): one number, and every request moves it on. Thread-safe.
/// </summary>
internal sealed class TokenBucket(double perSecond, int burst, TimeProvider time)
{
    private readonly double _ticksPerRequest = time.TimestampFrequency / perSecond;
    private readonly Lock _lock = new();
    private double _fullAt;

    /// <summary>Takes one token, or says how long to wait for it.</summary>
    public bool TryTake(out TimeSpan retryAfter)
    {
        double now = time.GetTimestamp();
        lock (_lock)
        {
            double fullAt = Math.Max(_fullAt, now) + _ticksPerRequest;
            double wait = fullAt - now - (_ticksPerRequest * burst);

            // Half a tick of slack, since the sums are floating point.
            if (wait > 0.5)
            {
                retryAfter = TimeSpan.FromSeconds(wait / time.TimestampFrequency);
                return false;
            }

            _fullAt = fullAt;
        }

        retryAfter = TimeSpan.Zero;
        return true;
    }

    /// <summary>Waits for a token.</summary>
    public async ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        while (!TryTake(out TimeSpan retryAfter))
        {
            await Task.Delay(Max(retryAfter, TimeSpan.FromMilliseconds(1)), time, cancellationToken);
        }
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
