namespace Carousel.Stages.Engine;

/// <summary>
/// Holds up every record while a dependency is away. Open, it lets one record through after a backoff, as a probe; the probe's success closes it.
/// Calls that were under way when it opened neither close it nor lengthen its backoff: only a result of the current generation counts.
/// </summary>
internal sealed class Circuit(RetryOptions backoff, TimeProvider time, Random random, Action<string, string, int> onOpened, Action<string> onClosed)
    : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _gate = new(0);
    private ITimer? _timer;
    private int _waiting;
    private int _failures;
    private long _generation;
    private string? _dependency;

    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _dependency is not null;
            }
        }
    }

    /// <summary>Returns at once while closed, else when the caller may try. The number returned goes with the result.</summary>
    public async ValueTask<long> EnterAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_dependency is null)
            {
                return _generation;
            }

            _waiting++;
        }

        try
        {
            await _gate.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _waiting--;
            }
        }

        lock (_lock)
        {
            return _generation;
        }
    }

    public void OnUnavailable(long generation, string dependency, string detail)
    {
        int failures;
        lock (_lock)
        {
            if (generation != _generation)
            {
                return;
            }

            _generation++;
            _dependency = dependency;
            failures = ++_failures;
            _timer?.Dispose();
            _timer = time.CreateTimer(_ => LetOneThrough(), null, backoff.Delay(failures, random), Timeout.InfiniteTimeSpan);
        }

        onOpened(dependency, detail, failures);
    }

    public void OnAvailable(long generation)
    {
        string dependency;
        lock (_lock)
        {
            if (_dependency is null || generation != _generation)
            {
                return;
            }

            dependency = _dependency;
            CloseNeedsLock();
        }

        onClosed(dependency);
    }

    /// <summary>The caller tried nothing after all: if it was the probe, somebody else has to be.</summary>
    public void OnAbandoned(long generation)
    {
        lock (_lock)
        {
            if (generation != _generation)
            {
                return;
            }
        }

        LetOneThrough();
    }

    /// <summary>Lets everybody through for good: the stage stops, and whoever waits has to see it.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            CloseNeedsLock();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
        }

        _gate.Dispose();
    }

    private void LetOneThrough()
    {
        lock (_lock)
        {
            if (_dependency is not null && _gate.CurrentCount == 0)
            {
                _gate.Release();
            }
        }
    }

    private void CloseNeedsLock()
    {
        _dependency = null;
        _failures = 0;
        _timer?.Dispose();
        if (_waiting > 0)
        {
            _gate.Release(_waiting);
        }
    }
}
