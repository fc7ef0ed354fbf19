using Carousel.Broker.StateTopics;
using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Groups;

/// <summary>
/// The group coordinator: consumer groups with the classic protocol, and the offsets of all groups. This is its door; what happens behind it is in the parts
/// it is made of. Everything about a group happens under that group's lock, which is never held while anything is waited for.
/// </summary>
internal sealed class GroupCoordinator : IDisposable
{
    private readonly DeadlineQueue _deadlines;
    private readonly GroupSet _groups;
    private readonly JoinPhase _joins;
    private readonly SyncPhase _syncs;
    private readonly Membership _membership;
    private readonly OffsetCommits _commits;
    private readonly OffsetReads _reads;
    private readonly GroupRemoval _removal;
    private readonly GroupDescriptions _descriptions;
    private readonly TimeSpan _cleanupInterval;
    private readonly Deadline _cleanup;

    private GroupCoordinator(StateTopic topic, GroupOptions options, ITransactionEnlistment enlistment, TimeProvider time, ILoggerFactory loggers)
    {
        var log = new GroupLog(topic);
        var transactions = new OpenTransactions();
        _deadlines = new DeadlineQueue(time);
        var rebalance = new Rebalance(log, options, time, loggers.CreateLogger<Rebalance>());
        _groups = new GroupSet(log, rebalance, _deadlines);
        var sessions = new Sessions(_groups, rebalance, _deadlines, options, loggers.CreateLogger<Sessions>());
        _joins = new JoinPhase(_groups, log, rebalance, sessions, options);
        _syncs = new SyncPhase(_groups, log, rebalance, loggers.CreateLogger<SyncPhase>());
        _membership = new Membership(_groups, rebalance);
        _commits = new OffsetCommits(_groups, log, transactions, options, time, enlistment);
        _reads = new OffsetReads(_groups, log);
        _removal = new GroupRemoval(_groups, log, options, time, loggers.CreateLogger<GroupRemoval>());
        _descriptions = new GroupDescriptions(_groups);
        _cleanupInterval = options.OffsetsRetentionCheckInterval;
        _cleanup = new Deadline(_deadlines, CleanUp);
        new GroupReplay(topic, _groups, transactions, sessions, _commits, loggers.CreateLogger<GroupReplay>()).Run();
        _cleanup.Set(_cleanupInterval);
    }

    /// <summary>Reads the groups from the log. Members' sessions begin now, and end only while <see cref="RunAsync"/> runs.</summary>
    /// <param name="topic">__consumer_offsets.</param>
    /// <exception cref="InvalidDataException">The log holds what nobody wrote; the message says where.</exception>
    public static GroupCoordinator Open(
        StateTopic topic, GroupOptions options, ITransactionEnlistment enlistment, TimeProvider time, ILoggerFactory loggers) =>
        new(topic, options, enlistment, time, loggers);

    /// <summary>Lets time pass for groups until it's cancelled; then everybody who is parked is sent away. One call.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _deadlines.RunAsync(cancellationToken);
        }
        finally
        {
            _groups.Close();
        }
    }

    /// <summary>Lets what is due by now happen on this thread, as <see cref="RunAsync"/> does by itself.</summary>
    public void ExpireDue() => _deadlines.ExpireDue();

    /// <summary>Joins a group; waits until its next generation is made.</summary>
    public Task<JoinAnswer> JoinAsync(GroupJoin join) => _joins.JoinAsync(join);

    /// <summary>Hands in or waits for the assignment of a generation.</summary>
    public Task<SyncAnswer> SyncAsync(GroupSync sync) => _syncs.SyncAsync(sync);

    /// <inheritdoc cref="Membership.Heartbeat"/>
    public ErrorCode Heartbeat(GroupCaller caller) => _membership.Heartbeat(caller);

    /// <inheritdoc cref="Membership.Leave"/>
    public (ErrorCode Error, IReadOnlyList<ErrorCode> Leavers) Leave(string groupId, IReadOnlyList<Leaver> leavers) => _membership.Leave(groupId, leavers);

    /// <inheritdoc cref="OffsetCommits.CommitAsync(OffsetCommit)"/>
    public ValueTask<IReadOnlyList<ErrorCode>> CommitAsync(OffsetCommit commit) => _commits.CommitAsync(commit);

    /// <inheritdoc cref="OffsetCommits.CommitAsync(OffsetCommit)"/>
    public ValueTask<IReadOnlyList<ErrorCode>> CommitAsync(TransactionalOffsetCommit commit) => _commits.CommitAsync(commit);

    /// <inheritdoc cref="OffsetReads.FetchAsync"/>
    public ValueTask<(ErrorCode Error, IReadOnlyList<FetchedOffset> Offsets)> FetchAsync(
        string groupId, IReadOnlyList<OffsetToFetch>? wanted, bool requireStable) => _reads.FetchAsync(groupId, wanted, requireStable);

    /// <inheritdoc cref="GroupRemoval.DeleteGroupAsync"/>
    public ValueTask<ErrorCode> DeleteGroupAsync(string groupId) => _removal.DeleteGroupAsync(groupId);

    /// <inheritdoc cref="GroupRemoval.DeleteOffsetsAsync"/>
    public ValueTask<(ErrorCode Error, IReadOnlyList<ErrorCode> Partitions)> DeleteOffsetsAsync(string groupId, IReadOnlyList<TopicPartition> partitions) =>
        _removal.DeleteOffsetsAsync(groupId, partitions);

    public IReadOnlyList<ListedGroup> List() => _descriptions.List();

    /// <inheritdoc cref="GroupDescriptions.Describe"/>
    public DescribedGroup? Describe(string groupId) => _descriptions.Describe(groupId);

    /// <summary>
    /// A transaction that wrote to a partition of __consumer_offsets has ended there: what it committed counts from now on, or never. To be called after the
    /// marker was appended, and before the producer can begin its next transaction. Takes the locks of the groups concerned.
    /// </summary>
    /// <param name="markerOffset">The offset of the marker.</param>
    public void OnTransactionEnded(int partition, long producerId, bool isCommit, long markerOffset) =>
        _commits.EndTransaction(partition, producerId, isCommit, markerOffset);

    /// <inheritdoc cref="GroupRemoval.OnTopicDeletedAsync"/>
    public ValueTask OnTopicDeletedAsync(string topic) => _removal.OnTopicDeletedAsync(topic);

    public void Dispose() => _deadlines.Dispose();

    private void CleanUp()
    {
        _removal.RemoveExpired();
        _cleanup.Set(_cleanupInterval);
    }
}
