namespace Carousel.Broker.Hosting;

/// <summary>
/// Bytes that may be in use at the same time. Who asks for more than is free waits, first come first served, so that a large share isn't starved by small
/// ones. Invariant: what is free and what was taken add up to the whole.
/// </summary>
internal sealed class MemoryBudget(long bytesMax)
{
    private readonly Lock _lock = new();
    private readonly Queue<Waiter> _waiters = [];
    private long _free = bytesMax;

    public long BytesMax { get; } = bytesMax;

    public long BytesInUse
    {
        get
        {
            lock (_lock)
            {
                return BytesMax - _free;
            }
        }
    }

    /// <summary>Whether somebody waits for bytes to be returned.</summary>
    public bool IsShort
    {
        get
        {
            lock (_lock)
            {
                return _waiters.Any(waiter => !waiter.IsGone);
            }
        }
    }

    /// <summary>Takes the bytes if they are free and nobody was there before.</summary>
    public bool TryTake(long bytes)
    {
        lock (_lock)
        {
            return TryTakeNeedsLock(bytes);
        }
    }

    /// <summary>Completes when the bytes are taken.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than the whole budget.</exception>
    /// <exception cref="OperationCanceledException">Nothing was taken.</exception>
    public ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, BytesMax);
        lock (_lock)
        {
            if (TryTakeNeedsLock(bytes))
            {
                return ValueTask.CompletedTask;
            }

            var waiter = new Waiter(bytes, cancellationToken);
            _waiters.Enqueue(waiter);
            return new ValueTask(waiter.Taken.Task);
        }
    }

    public void Return(long bytes)
    {
        lock (_lock)
        {
            _free += bytes;
            while (_waiters.TryPeek(out Waiter? waiter) && (waiter.IsGone || _free >= waiter.Bytes))
            {
                _waiters.Dequeue();
                if (waiter.TryGrant())
                {
                    _free -= waiter.Bytes;
                }
            }
        }
    }

    private bool TryTakeNeedsLock(long bytes)
    {
        while (_waiters.TryPeek(out Waiter? first) && first.IsGone)
        {
            _waiters.Dequeue();
        }

        if (_waiters.Count > 0 || bytes > _free)
        {
            return false;
        }

        _free -= bytes;
        return true;
    }

    /// <summary>Either granted or cancelled, whichever comes first.</summary>
    private sealed class Waiter
    {
        private readonly CancellationTokenRegistration _registration;

        public Waiter(long bytes, CancellationToken cancellationToken)
        {
            Bytes = bytes;
            _registration = cancellationToken.UnsafeRegister(static (state, token) => ((Waiter)state!).Taken.TrySetCanceled(token), this);
        }

        public long Bytes { get; }

        public TaskCompletionSource Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsGone => Taken.Task.IsCompleted;

        public bool TryGrant()
        {
            _registration.Unregister();
            return Taken.TrySetResult();
        }
    }
}
