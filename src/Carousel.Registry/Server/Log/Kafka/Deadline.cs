namespace Carousel.Registry.Server.Log.Kafka;

/// <summary>When a write must have ended, as a token for what is awaited and as a time left for what blocks.</summary>
internal sealed class Deadline : IDisposable
{
    // librdkafka takes zero for "return at once" and negative for "wait for ever"; neither is ever meant here.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _clock;
    private readonly TimeSpan _limit;
    private readonly long _started;
    private readonly CancellationTokenSource _source;

    public Deadline(TimeSpan limit, TimeProvider clock)
    {
        _clock = clock;
        _limit = limit;
        _started = clock.GetTimestamp();
        _source = new CancellationTokenSource(limit, clock);
    }

    public CancellationToken Token => _source.Token;

    public TimeSpan Left
    {
        get
        {
            var left = _limit - _clock.GetElapsedTime(_started);
            return left > Least ? left : Least;
        }
    }

    public void Dispose()
    {
        _source.Dispose();
    }
}
