using Carousel.Stages.Log;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>A log that passes everything on; what derives from it does one thing otherwise.</summary>
internal class DelegatingLog(IStageLog inner) : IStageLog
{
    protected IStageLog Inner { get; } = inner;

    public virtual IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener) => Inner.Join(subscription, listener);

    public virtual Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken) =>
        Inner.OpenProducerAsync(transactionalId, cancellationToken);

    public virtual Task ReadToEndAsync(IReadOnlyCollection<SourcePartition> partitions, Action<SourceRecord> onRecord, CancellationToken cancellationToken) =>
        Inner.ReadToEndAsync(partitions, onRecord, cancellationToken);

    public virtual Task<IReadOnlyDictionary<SourcePartition, long>> EndOffsetsAsync(
        IReadOnlyCollection<SourcePartition> partitions, CancellationToken cancellationToken) => Inner.EndOffsetsAsync(partitions, cancellationToken);
}

internal class DelegatingConsumer(IStageConsumer inner) : IStageConsumer
{
    protected IStageConsumer Inner { get; } = inner;

    public virtual Task<IReadOnlyList<SourceRecord>> PollAsync(TimeSpan timeout) => Inner.PollAsync(timeout);

    public void Pause(IReadOnlyCollection<SourcePartition> partitions) => Inner.Pause(partitions);

    public void Resume(IReadOnlyCollection<SourcePartition> partitions) => Inner.Resume(partitions);

    public virtual Task<IGroupMembership> MembershipAsync() => Inner.MembershipAsync();

    public virtual Task<IReadOnlyDictionary<SourcePartition, long?>> CommittedAsync(IReadOnlyCollection<SourcePartition> partitions) =>
        Inner.CommittedAsync(partitions);

    public Task LeaveAsync() => Inner.LeaveAsync();

    public ValueTask DisposeAsync() => Inner.DisposeAsync();
}

internal class DelegatingProducer(IStageProducer inner) : IStageProducer
{
    protected IStageProducer Inner { get; } = inner;

    public virtual Task BeginAsync() => Inner.BeginAsync();

    public virtual void Send(OutputRecord record) => Inner.Send(record);

    public virtual Task FlushAsync() => Inner.FlushAsync();

    public virtual Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership) =>
        Inner.SendOffsetsAsync(offsets, membership);

    public virtual Task CommitAsync() => Inner.CommitAsync();

    public virtual ValueTask DisposeAsync() => Inner.DisposeAsync();
}

internal class DelegatingListener(IAssignmentListener inner) : IAssignmentListener
{
    public virtual void OnAssigned(IReadOnlyCollection<SourcePartition> partitions) => inner.OnAssigned(partitions);

    public virtual Task OnRevokedAsync(IReadOnlyCollection<SourcePartition> partitions) => inner.OnRevokedAsync(partitions);

    public virtual void OnLost(IReadOnlyCollection<SourcePartition> partitions) => inner.OnLost(partitions);
}
