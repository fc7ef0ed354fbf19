namespace Carousel.Broker.Transactions;

/// <summary>Lets one operation through at a time, in the order of arrival, without holding a thread for those who wait.</summary>
internal sealed class Gate
{
    private readonly Lock _lock = new();
    private Queue<TaskCompletionSource>? _waiting;
    private bool _isTaken;

    /// <summary>Completes when it's the caller's turn; <see cref="Leave"/> must follow.</summary>
    public ValueTask EnterAsync()
    {
        lock (_lock)
        {
            if (!_isTaken)
            {
                _isTaken = true;
                return ValueTask.CompletedTask;
            }

            // Whoever leaves must not run the next operation on its own stack.
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (_waiting ??= new Queue<TaskCompletionSource>()).Enqueue(turn);
            return new ValueTask(turn.Task);
        }
    }

    /// <summary>Enters only if nobody is inside.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_isTaken)
            {
                return false;
            }

            _isTaken = true;
            return true;
        }
    }

    public void Leave()
    {
        TaskCompletionSource? next = null;
        lock (_lock)
        {
            _isTaken = _waiting?.TryDequeue(out next) ?? false;
        }

        next?.SetResult();
    }
}
