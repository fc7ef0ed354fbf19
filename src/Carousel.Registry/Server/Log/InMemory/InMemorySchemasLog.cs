namespace Carousel.Registry.Server.Log.InMemory;

/// <summary>One instance's view of an <see cref="InMemorySchemasTopic"/>.</summary>
internal sealed class InMemorySchemasLog(InMemorySchemasTopic topic) : ISchemasLog
{
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string ClusterId => "in-memory";

    public bool IsCaughtUp => _caughtUp.Task.IsCompleted;

    public async Task RunAsync(Action<LogEntry> apply, CancellationToken cancellationToken)
    {
        topic.Attach(apply);
        _caughtUp.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            topic.Detach(apply);
        }
    }

    public Task WaitUntilCaughtUpAsync(CancellationToken cancellationToken)
    {
        return _caughtUp.Task.WaitAsync(cancellationToken);
    }

    public async Task<T> AppendAsync<T>(Func<Decision<T>> decide, CancellationToken cancellationToken)
    {
        await topic.Turn.WaitAsync(cancellationToken);
        try
        {
            var decision = decide();
            topic.Append(decision.Entries);
            return decision.Result;
        }
        finally
        {
            topic.Turn.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        return ValueTask.CompletedTask;
    }
}
