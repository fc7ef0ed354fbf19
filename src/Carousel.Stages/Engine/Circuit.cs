namespace Carousel.Stages.Engine;

/// <summary>
/// Holds up every record while a dependency is away. Open, it lets one record through after a backoff, as a probe; the probe's success closes it.
/// Calls that were under way when it opened neither close it nor lengthen its backoff: only a result of the current generation counts.
/// Invariant: while it is open, at most one caller holds the current generation.
/// </summary>
internal sealed class Circuit(RetryOptions backoff, TimeProvider time, Random random, Action<string, string, int> onOpened, Action<string> onClosed)
    : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<long>> _waiting = [];
    private ITimer? _timer;
    private int _failures;
    private long _generation;
    private string? _dependency;
    private bool _probeIsFree;
    private bool _abandoned;

    /// <summary>What is away; null while it is closed.</summary>
    public string? Dependency
    {
        get
        {
            lock (_lock)
            {
                return _dependency;
            }
        }
    }

    public bool IsOpen => Dependency is not null;

    /// <summary>Returns at once while closed, else when the caller may try. The number returned goes with the result.</summary>
    public async ValueTask<long> EnterAsync(CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource<long>> turn;
        lock (_lock)
        {
            if (_dependency is null)
            {
                return _generation;
            }

            if (_probeIsFree)
            {
                _probeIsFree = false;
                return _generation;
            }

            turn = _waiting.AddLast(new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        using CancellationTokenRegistration registration = cancellationToken.Register(() => GiveUp(turn, cancellationToken));
        return await turn.Value.Task;
    }

    public void OnUnavailable(long generation, string dependency, string detail)
    {
        int failures;
        lock (_lock)
        {
            if (generation != _generation || _abandoned)
            {
                return;
            }

            _generation++;
            _dependency = dependency;
            failures = ++_failures;
            _timer?.Dispose();
            _timer = time.CreateTimer(_ => LetOneThrough(generation + 1), null, backoff.Delay(failures, random), Timeout.InfiniteTimeSpan);
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
    public void OnAbandoned(long generation) => LetOneThrough(generation);

    /// <summary>Lets everybody through for good: the stage stops, and whoever waits has to see it.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _abandoned = true;
            CloseNeedsLock();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
        }
    }

    private void LetOneThrough(long generation)
    {
        lock (_lock)
        {
            if (_dependency is null || generation != _generation)
            {
                return;
            }

            if (_waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                first.Value.SetResult(_generation);
            }
            else
            {
                _probeIsFree = true;
            }
        }
    }

    private void GiveUp(LinkedListNode<TaskCompletionSource<long>> turn, CancellationToken cancellationToken)
    {
        bool waited;
        lock (_lock)
        {
            // One that was let through already isn't there any more: it goes on, and says itself that it abandons its turn.
            waited = turn.List is not null;
            if (waited)
            {
                _waiting.Remove(turn);
            }
        }

        if (waited)
        {
            turn.Value.SetCanceled(cancellationToken);
        }
    }

    /// <summary>Whoever waited goes on with the generation of now: should the circuit open again before it runs, it is no probe.</summary>
    private void CloseNeedsLock()
    {
        _dependency = null;
        _failures = 0;
        _probeIsFree = false;
        _timer?.Dispose();
        foreach (TaskCompletionSource<long> turn in _waiting)
        {
            turn.SetResult(_generation);
        }

        _waiting.Clear();
    }
}
