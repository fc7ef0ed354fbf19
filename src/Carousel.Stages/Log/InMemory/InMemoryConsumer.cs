namespace Carousel.Stages.Log.InMemory;

/// <summary>
/// One consumer. Its membership takes part in rebalances by itself, as a client library's background thread does; the listener hears of them in
/// <see cref="PollAsync"/> and <see cref="LeaveAsync"/>. Expelled from the group, it reports its partitions as lost and joins again.
/// </summary>
internal sealed class InMemoryConsumer : IStageConsumer
{
    private const int PollRecordsMax = 1_000;
    private readonly InMemoryLog _log;
    private readonly InMemoryGroup _group;
    private readonly GroupSubscription _subscription;
    private readonly IAssignmentListener _listener;
    private readonly Dictionary<SourcePartition, long> _positions = [];
    private readonly HashSet<SourcePartition> _paused = [];
    private InMemoryMember _member;
    private int _turn;

    public InMemoryConsumer(InMemoryLog log, InMemoryGroup group, GroupSubscription subscription, IAssignmentListener listener)
    {
        (_log, _group, _subscription, _listener) = (log, group, subscription, listener);
        _member = log.Do(() => group.Join(subscription));
    }

    /// <summary>Another one after it was expelled and has joined again.</summary>
    public string MemberId => _member.Id;

    public async Task<IReadOnlyList<SourceRecord>> PollAsync(TimeSpan timeout)
    {
        long started = _log.Time.GetTimestamp();
        while (true)
        {
            Task changed = _log.Changed;
            await RebalanceAsync();
            IReadOnlyList<SourceRecord> records = _log.Do(Fetch, changes: false);
            TimeSpan left = timeout - _log.Time.GetElapsedTime(started);
            if (records.Count > 0 || left <= TimeSpan.Zero || !await HappensAsync(changed, left))
            {
                return records;
            }
        }
    }

    public void Pause(IReadOnlyCollection<SourcePartition> partitions) => _log.Do(() => _paused.UnionWith(partitions));

    public void Resume(IReadOnlyCollection<SourcePartition> partitions) => _log.Do(() => _paused.ExceptWith(partitions));

    public Task<IGroupMembership> MembershipAsync() => Task.FromResult(_log.Do<IGroupMembership>(
        () => _group.Members.Contains(_member)
            ? new InMemoryMembership(_group, _member.Id, _group.Generation)
            : throw new LogException($"Member {_member.Id} was expelled from its group and hasn't joined again."),
        changes: false));

    public async Task<IReadOnlyDictionary<SourcePartition, long?>> CommittedAsync(IReadOnlyCollection<SourcePartition> partitions)
    {
        // UNSTABLE_OFFSET_COMMIT: what a pending transaction says of them isn't known yet.
        bool IsStable() => !partitions.Any(partition => _log.IsPending(_group, partition));
        while (true)
        {
            await _log.UntilAsync(IsStable, "a transaction on the offsets is pending", CancellationToken.None);
            Dictionary<SourcePartition, long?>? offsets = _log.Do(
                () => IsStable() ? partitions.ToDictionary(partition => partition, _group.Committed) : null, changes: false);
            if (offsets is not null)
            {
                return offsets;
            }
        }
    }

    public async Task LeaveAsync()
    {
        if (IsExpelled())
        {
            ReportLost();
            return;
        }

        SourcePartition[] announced = _log.Do(() => _member.Announced.ToArray(), changes: false);
        if (announced.Length > 0)
        {
            await _listener.OnRevokedAsync(announced);
        }

        // A static member stays one, for as long as its session lasts.
        if (_subscription.InstanceId is null)
        {
            _log.Do(() => _group.Remove(_member));
        }
    }

    /// <summary>Without <see cref="LeaveAsync"/> first, the group hears nothing and keeps its partitions until it is expelled.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task RebalanceAsync()
    {
        if (IsExpelled())
        {
            ReportLost();
            _member = _log.Do(() => _member.IsFenced
                ? throw new LogException($"Another member joined as {_subscription.InstanceId} (FENCED_INSTANCE_ID).", isFenced: true, isFatal: true)
                : _group.Join(_subscription));
        }

        SourcePartition[] revoked = _log.Do(() => _member.ToRevoke.ToArray(), changes: false);
        if (revoked.Length > 0)
        {
            await _listener.OnRevokedAsync(revoked);
            _log.Do(() =>
            {
                Forget(revoked);
                _group.Release(_member, revoked);
            });
        }

        SourcePartition[] assigned = _log.Do(
            () =>
            {
                SourcePartition[] unheard = [.. _member.Owned.Except(_member.Announced)];
                _member.Announced.UnionWith(unheard);
                return unheard;
            },
            changes: false);
        if (assigned.Length > 0)
        {
            _listener.OnAssigned(assigned);
        }
    }

    private bool IsExpelled() => _log.Do(() => !_group.Members.Contains(_member), changes: false);

    private void ReportLost()
    {
        SourcePartition[] lost = [.. _member.Announced];
        _member.Announced.Clear();
        Forget(lost);
        if (lost.Length > 0)
        {
            _listener.OnLost(lost);
        }
    }

    private void Forget(IReadOnlyCollection<SourcePartition> partitions)
    {
        foreach (SourcePartition partition in partitions)
        {
            _positions.Remove(partition);
            _paused.Remove(partition);
        }
    }

    /// <summary>Each poll begins with another partition, so that a full one doesn't starve the rest.</summary>
    private List<SourceRecord> Fetch()
    {
        var records = new List<SourceRecord>();
        SourcePartition[] partitions = [.. _member.Announced.Where(partition => !_paused.Contains(partition) && !_member.ToRevoke.Contains(partition))];
        _turn++;
        for (int i = 0; i < partitions.Length && records.Count < PollRecordsMax; i++)
        {
            SourcePartition partition = partitions[(i + _turn) % partitions.Length];
            if (!_positions.TryGetValue(partition, out long position))
            {
                if (_log.IsPending(_group, partition))
                {
                    continue;
                }

                position = _group.Committed(partition) ?? 0;
            }

            (List<SourceRecord> read, _positions[partition]) = _log.Partition(partition).Read(position, PollRecordsMax - records.Count);
            records.AddRange(read);
        }

        return records;
    }

    private async Task<bool> HappensAsync(Task changed, TimeSpan timeout)
    {
        try
        {
            await changed.WaitAsync(timeout, _log.Time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
