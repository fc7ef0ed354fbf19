namespace Carousel.Stages.Log;

/// <summary>
/// The log as the engine needs it: consumer groups, transactions, nothing else. Every failure is a <see cref="LogException"/>.
/// What blocks in a client library blocks on a thread of the implementation's own.
/// </summary>
public interface IStageLog
{
    /// <summary>Joins the group and subscribes. Reads only what is committed, from the group's offsets or else the beginning.</summary>
    IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener);

    /// <summary>
    /// Takes over the transactional id: any earlier producer of that id is fenced, and its transaction is settled one way or the other when this returns.
    /// </summary>
    Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken);

    /// <summary>
    /// Reads what is committed in these partitions, from the beginning to the end that each has at the time of the call, open transactions included: it
    /// waits for their ends, so whatever was under way then is decided when this returns. In order within a partition, one call of
    /// <paramref name="onRecord"/> at a time; of records with the same key a compacted topic may give the last alone. Outside any group.
    /// </summary>
    Task ReadToEndAsync(IReadOnlyCollection<SourcePartition> partitions, Action<SourceRecord> onRecord, CancellationToken cancellationToken);

    /// <summary>One past the last record of each partition, whether it is committed or not.</summary>
    Task<IReadOnlyDictionary<SourcePartition, long>> EndOffsetsAsync(IReadOnlyCollection<SourcePartition> partitions, CancellationToken cancellationToken);
}

/// <summary>What a consumer joins.</summary>
/// <param name="InstanceId">
/// A name that stays with this member over restarts (<c>group.instance.id</c>, KIP-345): leaving keeps its partitions, and who comes back under it within
/// the session timeout has them again without a rebalance. An older member of that name is fenced. Null for a member like any other.
/// </param>
public sealed record GroupSubscription(string Group, IReadOnlyList<string> Topics, string? InstanceId = null);

/// <summary>Told of rebalances, while <see cref="IStageConsumer.PollAsync"/> or <see cref="IStageConsumer.LeaveAsync"/> is awaited; they go on when it returns.</summary>
public interface IAssignmentListener
{
    void OnAssigned(IReadOnlyCollection<SourcePartition> partitions);

    /// <summary>Called while the partitions are still ours: what is committed before the task ends counts.</summary>
    Task OnRevokedAsync(IReadOnlyCollection<SourcePartition> partitions);

    /// <summary>The partitions are somebody else's already; nothing of them can be committed.</summary>
    void OnLost(IReadOnlyCollection<SourcePartition> partitions);
}

/// <summary>One member of a group. Polling, pausing and leaving are done by one caller, one call at a time; the rest may run beside them.</summary>
public interface IStageConsumer : IAsyncDisposable
{
    /// <summary>The next records, in order within a partition; none when none came within the time.</summary>
    Task<IReadOnlyList<SourceRecord>> PollAsync(TimeSpan timeout);

    /// <summary>Stops fetching these partitions; what was fetched ahead is forgotten and fetched again on resume.</summary>
    void Pause(IReadOnlyCollection<SourcePartition> partitions);

    void Resume(IReadOnlyCollection<SourcePartition> partitions);

    /// <summary>
    /// The membership as it is now. Fetched anew for each transaction, since a rebalance makes the former one stale (KIP-447). It proves nothing of
    /// single partitions: what was still ours after it was fetched is covered, what was given up before isn't.
    /// </summary>
    /// <exception cref="LogException">The group expelled this member, and it hasn't joined again.</exception>
    Task<IGroupMembership> MembershipAsync();

    /// <summary>The group's committed offsets, once no transaction on them is pending (KIP-447, RequireStable); null where none is committed.</summary>
    Task<IReadOnlyDictionary<SourcePartition, long?>> CommittedAsync(IReadOnlyCollection<SourcePartition> partitions);

    /// <summary>Leaves the group, revoking what is assigned.</summary>
    Task LeaveAsync();
}

/// <summary>Proof of membership, opaque to the engine: generation and member id.</summary>
public interface IGroupMembership;

/// <summary>
/// A transactional producer: Begin, Send…, Flush, SendOffsets, Commit; then again, one call at a time. After any exception its transaction is in
/// doubt, and the only way on is to dispose it and to open another with the same id.
/// </summary>
public interface IStageProducer : IAsyncDisposable
{
    Task BeginAsync();

    /// <summary>Queues the record; a failure to write it surfaces in <see cref="FlushAsync"/> or <see cref="CommitAsync"/>.</summary>
    void Send(OutputRecord record);

    /// <summary>Waits until every record sent is written or has failed.</summary>
    Task FlushAsync();

    /// <summary>Adds the offsets of the next record to read, per partition, to the transaction.</summary>
    Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership);

    Task CommitAsync();
}

/// <summary>The log failed, or refused. Whatever transaction was open is in doubt.</summary>
/// <param name="isFenced">Another producer took over the transactional id.</param>
/// <param name="isFatal">Trying again can't help: wrong credentials, a topic that isn't there.</param>
public sealed class LogException(string message, Exception? innerException = null, bool isFenced = false, bool isFatal = false)
    : Exception(message, innerException)
{
    public bool IsFenced { get; } = isFenced;

    public bool IsFatal { get; } = isFatal;
}
