namespace Carousel.Broker.Hosting;

/// <summary>
/// What a connection waits for, and since when. Its loops write it, the sweep over all connections reads it: one timer serves them all.
/// </summary>
internal sealed class ConnectionProgress(TimeProvider time)
{
    private enum Phase
    {
        /// <summary>The client has nothing to ask.</summary>
        Request,

        /// <summary>A request has begun to arrive.</summary>
        Rest,

        /// <summary>There is no memory for the request yet.</summary>
        Memory,

        /// <summary>The request is worked on.</summary>
        Answer,
    }

    private readonly Lock _lock = new();
    private Phase _phase;
    private long _since = time.GetTimestamp();
    private long? _untakenSince;

    /// <summary>For how long the client has taken nothing of an answer; zero while none is under way.</summary>
    public TimeSpan UntakenFor
    {
        get
        {
            lock (_lock)
            {
                return UntakenForNeedsLock();
            }
        }
    }

    public void WaitForRequest() => Enter(Phase.Request);

    /// <summary>Counts from the first call of one request on, so that single bytes now and then don't prolong it.</summary>
    public void WaitForRest() => Enter(Phase.Rest);

    public void WaitForMemory() => Enter(Phase.Memory);

    public void WaitForAnswer() => Enter(Phase.Answer);

    /// <summary>A piece of an answer is handed out; called for each piece.</summary>
    public void WaitUntilTaken()
    {
        lock (_lock)
        {
            _untakenSince = time.GetTimestamp();
        }
    }

    public void Taken()
    {
        lock (_lock)
        {
            _untakenSince = null;
        }
    }

    /// <summary>Why the connection is to be closed now; null while it isn't.</summary>
    public CloseReason? Overdue(ConnectionLimits limits)
    {
        lock (_lock)
        {
            TimeSpan elapsed = time.GetElapsedTime(_since);
            return _phase switch
            {
                _ when UntakenForNeedsLock() > limits.IdleMax => CloseReason.Untaken(limits.IdleMax),
                Phase.Request when _untakenSince is null && elapsed > limits.IdleMax => CloseReason.Idle(limits.IdleMax),
                Phase.Rest when elapsed > limits.FrameTimeMax => CloseReason.HalfFrame(limits.FrameTimeMax),
                _ => null,
            };
        }
    }

    private TimeSpan UntakenForNeedsLock() => _untakenSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    private void Enter(Phase phase)
    {
        lock (_lock)
        {
            if (_phase != phase)
            {
                (_phase, _since) = (phase, time.GetTimestamp());
            }
        }
    }
}
