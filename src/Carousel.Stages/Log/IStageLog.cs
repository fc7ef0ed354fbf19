namespace Carousel.Stages.Log;

/// <summary>
/// The log as the engine needs it: consumer groups, transactions, nothing else. Calls block, as the client library's do; the engine makes them on
/// threads of its own. Every failure is a <see cref="LogException"/>.
/// </summary>
public interface IStageLog
{
    /// <summary>Joins the group and subscribes. Reads only what is committed, from the group's offsets or else the beginning.</summary>
    IStageConsumer Join(string group, IReadOnlyList<string> topics, IAssignmentListener listener);

    /// <summary>
    /// Takes over the transactional id: any earlier producer of that id is fenced, and its transaction is settled one way or the other when this returns.
    /// </summary>
    IStageProducer OpenProducer(string transactionalId, CancellationToken cancellationToken);
}

/// <summary>Told of rebalances, on the thread that polls, within <see cref="IStageConsumer.Poll"/> or <see cref="IStageConsumer.Leave"/>.</summary>
public interface IAssignmentListener
{
    void OnAssigned(IReadOnlyCollection<SourcePartition> partitions);

    /// <summary>Called while the partitions are still ours: what is committed before this returns counts.</summary>
    void OnRevoked(IReadOnlyCollection<SourcePartition> partitions);

    /// <summary>The partitions are somebody else's already; nothing of them can be committed.</summary>
    void OnLost(IReadOnlyCollection<SourcePartition> partitions);
}

/// <summary>One member of a group. <see cref="Poll"/>, pausing and leaving belong to one thread; the rest may be called from another.</summary>
public interface IStageConsumer : IDisposable
{
    /// <summary>The next record, or null when none came within the time.</summary>
    SourceRecord? Poll(TimeSpan timeout);

    /// <summary>Stops fetching these partitions; what was fetched ahead is forgotten and fetched again on resume.</summary>
    void Pause(IReadOnlyCollection<SourcePartition> partitions);

    void Resume(IReadOnlyCollection<SourcePartition> partitions);

    /// <summary>The membership as it is now. Fetched anew for each transaction, since a rebalance makes the former one stale (KIP-447).</summary>
    IGroupMembership Membership();

    /// <summary>The group's committed offsets, once no transaction on them is pending (KIP-447, RequireStable); null where none is committed.</summary>
    IReadOnlyDictionary<SourcePartition, long?> Committed(IReadOnlyCollection<SourcePartition> partitions);

    /// <summary>Leaves the group, revoking what is assigned.</summary>
    void Leave();
}

/// <summary>Proof of membership, opaque to the engine: generation and member id.</summary>
public interface IGroupMembership;

/// <summary>
/// A transactional producer: Begin, Send…, Flush, SendOffsets, Commit; then again. After any exception its transaction is in doubt, and the only way on
/// is to dispose it and open another with the same id. Belongs to one thread.
/// </summary>
public interface IStageProducer : IDisposable
{
    void Begin();

    /// <summary>Queues the record; a failure to write it surfaces in <see cref="Flush"/> or <see cref="Commit"/>.</summary>
    void Send(OutputRecord record);

    /// <summary>Waits until every record sent is written.</summary>
    void Flush();

    /// <summary>Adds the offsets of the next record to read, per partition, to the transaction.</summary>
    void SendOffsets(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership);

    void Commit();
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
