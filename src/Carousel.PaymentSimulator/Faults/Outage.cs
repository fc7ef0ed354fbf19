namespace Carousel.PaymentSimulator.Faults;

internal enum OutageMode
{
    None,
    Refuse,
    Unavailable,
    Hang,
}

/// <summary>One outage window; it ends by the clock or by <see cref="EndAsync"/>, whichever is first. Never reused.</summary>
internal sealed class Outage : IDisposable
{
    private readonly CancellationTokenSource _over;
    private readonly long _startedAt;
    private readonly TimeProvider _time;
    private readonly TimeSpan _duration;

    public Outage(OutageMode mode, TimeSpan duration, TimeProvider time)
    {
        Mode = mode;
        _duration = duration;
        _time = time;
        _startedAt = time.GetTimestamp();
        _over = new CancellationTokenSource(duration, time);
    }

    public OutageMode Mode { get; }

    /// <summary>Cancelled when the outage is over.</summary>
    public CancellationToken Over => _over.Token;

    public TimeSpan Left
    {
        get
        {
            var left = _over.IsCancellationRequested ? TimeSpan.Zero : _duration - _time.GetElapsedTime(_startedAt);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public Task EndAsync() => _over.CancelAsync();

    public void Dispose() => _over.Dispose();
}
