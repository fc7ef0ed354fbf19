using System.Threading.Tasks.Sources;
using Carousel.Wire;

namespace Carousel.Broker.Partitions;

/// <summary>Those who wait until an offset is durable, in the order of the offsets. Waits are used again, so that an append allocates none.</summary>
internal sealed class DurableWaits
{
    private const int SpareMax = 256;
    private readonly Lock _lock = new();
    private readonly Stack<Wait> _spare = new();
    private Wait? _first;
    private Wait? _last;
    private ErrorCode _end = ErrorCode.None;

    /// <summary>Completes with None once <see cref="Complete"/> passes the offset, or with the error of <see cref="Fail"/>.</summary>
    /// <param name="highWatermark">Read again once the wait is in place, so that none is missed.</param>
    public ValueTask<ErrorCode> WaitAsync(long offset, Func<long> highWatermark, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Wait wait;
        lock (_lock)
        {
            if (offset < highWatermark())
            {
                return new(ErrorCode.None);
            }

            if (_end != ErrorCode.None)
            {
                return new(_end);
            }

            wait = _spare.TryPop(out Wait? spare) ? spare : new Wait(this);
            wait.Offset = offset;
            Insert(wait);
        }

        return wait.Start(cancellationToken);
    }

    /// <summary>Everything below is durable.</summary>
    public void Complete(long highWatermark)
    {
        while (true)
        {
            Wait? wait;
            lock (_lock)
            {
                wait = _first;
                if (wait is null || wait.Offset >= highWatermark)
                {
                    return;
                }

                Remove(wait);
            }

            wait.SetResult(ErrorCode.None);
        }
    }

    /// <summary>Nothing more becomes durable: those who wait, and all later ones, get the error.</summary>
    public void Fail(ErrorCode error)
    {
        lock (_lock)
        {
            _end = error;
        }

        while (true)
        {
            Wait? wait;
            lock (_lock)
            {
                wait = _first;
                if (wait is null)
                {
                    return;
                }

                Remove(wait);
            }

            wait.SetResult(error);
        }
    }

    private void Insert(Wait wait)
    {
        // Appends wait in order but for races of their threads, so the place is at or near the end.
        Wait? before = _last;
        while (before is not null && before.Offset > wait.Offset)
        {
            before = before.Previous;
        }

        wait.Previous = before;
        wait.Next = before is null ? _first : before.Next;
        _first = before is null ? wait : _first;
        _last = wait.Next is null ? wait : _last;
        before?.Next = wait;
        wait.Next?.Previous = wait;
        wait.IsListed = true;
    }

    private void Remove(Wait wait)
    {
        _first = wait.Previous is null ? wait.Next : _first;
        _last = wait.Next is null ? wait.Previous : _last;
        wait.Previous?.Next = wait.Next;
        wait.Next?.Previous = wait.Previous;
        wait.IsListed = false;
    }

    private bool TryRemove(Wait wait)
    {
        lock (_lock)
        {
            bool isListed = wait.IsListed;
            if (isListed)
            {
                Remove(wait);
            }

            return isListed;
        }
    }

    private void Keep(Wait wait)
    {
        lock (_lock)
        {
            if (_spare.Count < SpareMax)
            {
                _spare.Push(wait);
            }
        }
    }

    /// <summary>One wait; whoever takes it off the list ends it, so it ends once.</summary>
    private sealed class Wait(DurableWaits owner) : IValueTaskSource<ErrorCode>
    {
        private ManualResetValueTaskSourceCore<ErrorCode> _core = new() { RunContinuationsAsynchronously = true };
        private CancellationTokenRegistration _cancellation;

        public long Offset { get; set; }

        public bool IsListed { get; set; }

        public Wait? Previous { get; set; }

        public Wait? Next { get; set; }

        public ValueTask<ErrorCode> Start(CancellationToken cancellationToken)
        {
            short version = _core.Version;
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) =>
                {
                    var wait = (Wait)state!;
                    if (wait.Owner.TryRemove(wait))
                    {
                        wait._core.SetException(new OperationCanceledException(token));
                    }
                },
                this);
            return new(this, version);
        }

        public void SetResult(ErrorCode result) => _core.SetResult(result);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);

        public ErrorCode GetResult(short token)
        {
            // Waits for a cancellation that is under way, so that it can't meet the next use.
            _cancellation.Dispose();
            try
            {
                return _core.GetResult(token);
            }
            finally
            {
                _core.Reset();
                Owner.Keep(this);
            }
        }

        private DurableWaits Owner => owner;
    }
}
