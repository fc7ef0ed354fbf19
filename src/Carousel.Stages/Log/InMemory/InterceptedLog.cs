namespace Carousel.Stages.Log.InMemory;

/// <summary>What a stage asks of its log.</summary>
public enum LogOperation
{
    Poll,
    Committed,
    Leave,
    ReadToEnd,
    EndOffsets,
    OpenProducer,
    Begin,
    Send,
    Flush,
    SendOffsets,
    Commit,
}

/// <summary>
/// Stands between a stage and its log, to bring faults about. An exception of <see cref="BeforeAsync"/> is a request that never arrived, one of
/// <see cref="AfterAsync"/> a reply that got lost; a task that doesn't complete is a process that is stopped there.
/// Both must be complete when they return for <see cref="LogOperation.Send"/>, which doesn't wait: otherwise the record isn't sent.
/// </summary>
public interface ILogInterceptor
{
    Task BeforeAsync(LogOperation operation);

    Task AfterAsync(LogOperation operation);
}

/// <summary>Any log, with an interceptor around each operation.</summary>
public sealed class InterceptedLog(IStageLog inner, ILogInterceptor interceptor) : IStageLog
{
    /// <inheritdoc/>
    public IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener) =>
        new Consumer(inner.Join(subscription, listener), interceptor);

    /// <inheritdoc/>
    public Task ReadToEndAsync(IReadOnlyCollection<SourcePartition> partitions, Action<SourceRecord> onRecord, CancellationToken cancellationToken) =>
        AroundAsync(interceptor, LogOperation.ReadToEnd, () => inner.ReadToEndAsync(partitions, onRecord, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<SourcePartition, long>> EndOffsetsAsync(
        IReadOnlyCollection<SourcePartition> partitions, CancellationToken cancellationToken) =>
        AroundAsync(interceptor, LogOperation.EndOffsets, () => inner.EndOffsetsAsync(partitions, cancellationToken));

    /// <inheritdoc/>
    public Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken) => AroundAsync<IStageProducer>(
        interceptor,
        LogOperation.OpenProducer,
        async () => new Producer(await inner.OpenProducerAsync(transactionalId, cancellationToken), interceptor));

    private static async Task<T> AroundAsync<T>(ILogInterceptor interceptor, LogOperation operation, Func<Task<T>> call)
    {
        await interceptor.BeforeAsync(operation);
        T result = await call();
        await interceptor.AfterAsync(operation);
        return result;
    }

    private static Task AroundAsync(ILogInterceptor interceptor, LogOperation operation, Func<Task> call) => AroundAsync(interceptor, operation, async () =>
    {
        await call();
        return true;
    });

    private sealed class Consumer(IStageConsumer inner, ILogInterceptor interceptor) : IStageConsumer
    {
        public Task<IReadOnlyList<SourceRecord>> PollAsync(TimeSpan timeout) => AroundAsync(interceptor, LogOperation.Poll, () => inner.PollAsync(timeout));

        public void Pause(IReadOnlyCollection<SourcePartition> partitions) => inner.Pause(partitions);

        public void Resume(IReadOnlyCollection<SourcePartition> partitions) => inner.Resume(partitions);

        public Task<IGroupMembership> MembershipAsync() => inner.MembershipAsync();

        public Task<IReadOnlyDictionary<SourcePartition, long?>> CommittedAsync(IReadOnlyCollection<SourcePartition> partitions) =>
            AroundAsync(interceptor, LogOperation.Committed, () => inner.CommittedAsync(partitions));

        public Task LeaveAsync() => AroundAsync(interceptor, LogOperation.Leave, inner.LeaveAsync);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Producer(IStageProducer inner, ILogInterceptor interceptor) : IStageProducer
    {
        public Task BeginAsync() => AroundAsync(interceptor, LogOperation.Begin, inner.BeginAsync);

        public void Send(OutputRecord record)
        {
            Task before = interceptor.BeforeAsync(LogOperation.Send);
            if (!before.IsCompleted)
            {
                return;
            }

            before.GetAwaiter().GetResult();
            inner.Send(record);
            Task after = interceptor.AfterAsync(LogOperation.Send);
            if (after.IsCompleted)
            {
                after.GetAwaiter().GetResult();
            }
        }

        public Task FlushAsync() => AroundAsync(interceptor, LogOperation.Flush, inner.FlushAsync);

        public Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership) =>
            AroundAsync(interceptor, LogOperation.SendOffsets, () => inner.SendOffsetsAsync(offsets, membership));

        public Task CommitAsync() => AroundAsync(interceptor, LogOperation.Commit, inner.CommitAsync);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
