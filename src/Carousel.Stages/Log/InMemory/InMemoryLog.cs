namespace Carousel.Stages.Log.InMemory;

/// <summary>
/// A log in memory that behaves as Kafka does towards a stage: partitions, transactions with their markers, read_committed, fencing, consumer groups
/// with cooperative rebalances. For tests of handlers and stages, without a broker:
/// <code>
/// var log = new InMemoryLog(TimeProvider.System);
/// log.CreateTopic("in", 4);
/// log.CreateTopic("out", 4);
/// log.Append("in", key, value);
/// var stage = new Stage(options, log, handler, deadLetters, environment);
/// Task run = stage.RunAsync(stop.Token);
/// await log.WaitForAsync("everything is consumed", l => l.CommittedOffset(options.Group, partition) == 1, TimeSpan.FromSeconds(10));
/// </code>
/// It has no threads and no timers but those of the <see cref="TimeProvider"/>: the same calls in the same order give the same results.
/// Any number of stages may share it, from any thread.
/// </summary>
public sealed class InMemoryLog(TimeProvider time) : IStageLog
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private readonly Lock _lock = new();
    private readonly Dictionary<SourcePartition, InMemoryPartition> _partitions = [];
    private readonly Dictionary<string, int> _partitionCounts = [];
    private readonly Dictionary<string, TransactionalId> _transactionalIds = [];
    private readonly Dictionary<string, InMemoryGroup> _groups = [];
    private TaskCompletionSource _changed = NewSignal();
    private int _keyless;

    /// <summary>How long a transaction may stay open before the log aborts it and fences its producer. Default 10 s, as the stages' Kafka settings have it.</summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    internal TimeProvider Time => time;

    internal DateTime Now => new(time.GetUtcNow().Ticks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, DateTimeKind.Utc);

    /// <summary>Completed at the next change of anything.</summary>
    internal Task Changed
    {
        get
        {
            lock (_lock)
            {
                return FollowAsync(_changed.Task);
            }
        }
    }

    /// <exception cref="ArgumentException">The topic exists.</exception>
    public void CreateTopic(string topic, int partitionCount) => Do(() =>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitionCount, 1);
        if (!_partitionCounts.TryAdd(topic, partitionCount))
        {
            throw new ArgumentException($"Topic {topic} exists already.", nameof(topic));
        }

        for (int i = 0; i < partitionCount; i++)
        {
            var id = new SourcePartition(topic, i);
            _partitions.Add(id, new InMemoryPartition(id));
        }
    });

    /// <summary>Writes a record outside any transaction: it is committed at once. The key's murmur2 hash chooses the partition.</summary>
    public SourceRecord Append(string topic, byte[]? key, byte[]? value, params IReadOnlyList<RecordHeader> headers) =>
        Append(new OutputRecord(topic, null, key, value, headers));

    /// <inheritdoc cref="Append(string, byte[], byte[], IReadOnlyList{RecordHeader})"/>
    /// <exception cref="LogException">The topic or the partition isn't there.</exception>
    public SourceRecord Append(OutputRecord record) => Do(() =>
    {
        InMemoryPartition partition = PartitionFor(record);
        long offset = partition.Append(record, Now, transaction: null);
        return new SourceRecord(partition.Id, offset, Now, record.Key, record.Value, record.Headers);
    });

    /// <summary>What a read_committed reader sees of the topic now, partition after partition.</summary>
    public IReadOnlyList<SourceRecord> ReadCommitted(string topic) => Do(
        () => _partitions.Where(partition => partition.Key.Topic == topic).SelectMany(partition => partition.Value.Read(0, int.MaxValue).Records).ToList(),
        changes: false);

    /// <summary>What a read_uncommitted reader sees of the topic now: also what is pending, and what was aborted.</summary>
    public IReadOnlyList<SourceRecord> ReadUncommitted(string topic) => Do(
        () => _partitions.Where(partition => partition.Key.Topic == topic).SelectMany(partition => partition.Value.ReadUncommitted()).ToList(),
        changes: false);

    /// <summary>One past the last record or marker of the partition.</summary>
    public long EndOffset(SourcePartition partition) => Do(() => Partition(partition).EndOffset, changes: false);

    /// <summary>The first offset that readers wait at: that of the oldest open transaction, or the end.</summary>
    public long LastStableOffset(SourcePartition partition) => Do(() => Partition(partition).LastStableOffset, changes: false);

    /// <summary>The first offset that can be read.</summary>
    public long StartOffset(SourcePartition partition) => Do(() => Partition(partition).StartOffset, changes: false);

    /// <summary>
    /// Does what Kafka's cleaner does in its own time: of the records with a key only the last committed one stays, and tombstones go.
    /// </summary>
    public void Compact(string topic) => Do(
        () => _partitions.Where(partition => partition.Key.Topic == topic).ToList().ForEach(partition => partition.Value.Compact()));

    /// <summary>Deletes the records below the offset, as retention does. A group whose offset is lower goes on at it.</summary>
    public void DeleteBefore(SourcePartition partition, long offset) => Do(() => Partition(partition).DeleteBefore(offset));

    /// <summary>The group's committed offset, without those that are pending in a transaction; null when there is none.</summary>
    public long? CommittedOffset(string group, SourcePartition partition) => Do(() => Group(group).Committed(partition), changes: false);

    /// <summary>How many rebalances the group has gone through.</summary>
    public int Generation(string group) => Do(() => Group(group).Generation, changes: false);

    /// <summary>How many consumers the group has.</summary>
    public int MemberCount(string group) => Do(() => Group(group).Members.Count, changes: false);

    /// <summary>
    /// Expels a member, as a session timeout does: its partitions are others' at once, it hears that it lost them with its next poll, and joins anew.
    /// </summary>
    /// <param name="index">By order of joining, 0 for the member that has been there longest.</param>
    public void ExpelMember(string group, int index) => Do(() => Group(group).Remove(Group(group).Members[index]));

    /// <inheritdoc cref="ExpelMember(string, int)"/>
    /// <param name="memberId">One that isn't a member any more is ignored.</param>
    internal void ExpelMember(string group, string memberId) => Do(() =>
    {
        if (Group(group).Members.FirstOrDefault(member => member.Id == memberId) is { } expelled)
        {
            Group(group).Remove(expelled);
        }
    });

    /// <summary>Waits until the condition holds; it is asked again after every change of the log.</summary>
    /// <exception cref="TimeoutException">It didn't, within the time by the log's own <see cref="TimeProvider"/>.</exception>
    public async Task WaitForAsync(string what, Func<InMemoryLog, bool> condition, TimeSpan timeout)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            Task changed = Changed;
            if (condition(this))
            {
                return;
            }

            TimeSpan left = timeout - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                throw new TimeoutException($"Waited {timeout.TotalSeconds} s until {what}.");
            }

            await changed.WaitAsync(left, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <inheritdoc/>
    public IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener) =>
        new InMemoryConsumer(this, Do(() => Group(subscription.Group)), subscription, listener);

    /// <inheritdoc/>
    public async Task ReadToEndAsync(IReadOnlyCollection<SourcePartition> partitions, Action<SourceRecord> onRecord, CancellationToken cancellationToken)
    {
        Dictionary<SourcePartition, long> ends = Do(() => partitions.ToDictionary(id => id, id => Partition(id).EndOffset), changes: false);
        foreach ((SourcePartition id, long end) in ends)
        {
            await UntilAsync(() => Partition(id).LastStableOffset >= end, $"a transaction in {id} is pending", cancellationToken);
            Do(() => Partition(id).Read(0, int.MaxValue).Records, changes: false).FindAll(record => record.Offset < end).ForEach(onRecord);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<SourcePartition, long>> EndOffsetsAsync(
        IReadOnlyCollection<SourcePartition> partitions, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return Task.FromResult(Do<IReadOnlyDictionary<SourcePartition, long>>(
                () => partitions.ToDictionary(id => id, id => Partition(id).EndOffset), changes: false));
        }
        catch (LogException e)
        {
            return Task.FromException<IReadOnlyDictionary<SourcePartition, long>>(e);
        }
    }

    /// <inheritdoc/>
    public Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Do<IStageProducer>(() =>
        {
            if (!_transactionalIds.TryGetValue(transactionalId, out TransactionalId? id))
            {
                _transactionalIds.Add(transactionalId, id = new TransactionalId(transactionalId));
            }

            return new InMemoryProducer(this, id, id.BumpEpoch());
        }));
    }

    /// <summary>Waits until the condition holds, asked under the log's lock.</summary>
    /// <exception cref="LogException">It didn't within the time that a request may take.</exception>
    internal async Task UntilAsync(Func<bool> condition, string otherwise, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            Task changed = Changed;
            if (Do(condition, changes: false))
            {
                return;
            }

            TimeSpan left = RequestTimeout - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                throw new LogException($"After {RequestTimeout.TotalSeconds:N0} s {otherwise}.");
            }

            await changed.WaitAsync(left, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    internal void Do(Action action, bool changes = true) => Do(
        () =>
        {
            action();
            return true;
        },
        changes);

    internal T Do<T>(Func<T> action, bool changes = true)
    {
        lock (_lock)
        {
            changes |= TimeOutTransactionsNeedsLock();
            try
            {
                return action();
            }
            finally
            {
                if (changes)
                {
                    _changed.SetResult();
                    _changed = NewSignal();
                }
            }
        }
    }

    internal InMemoryPartition Partition(SourcePartition id) =>
        _partitions.TryGetValue(id, out InMemoryPartition? partition) ? partition : throw new LogException($"There is no partition {id}: create the topic first.");

    internal InMemoryPartition PartitionFor(OutputRecord record)
    {
        if (!_partitionCounts.TryGetValue(record.Topic, out int count))
        {
            throw new LogException($"There is no topic {record.Topic}: create it first.");
        }

        // Kafka's clients choose at random where there is neither number nor key; a turn is as good, and repeatable.
        int number = record.Partition ?? (record.Key is { } key ? Murmur2.Partition(key, count) : _keyless++ % count);
        return Partition(new SourcePartition(record.Topic, number));
    }

    internal bool IsPending(InMemoryGroup group, SourcePartition partition) =>
        _transactionalIds.Values.Any(id => id.Open is { } open && open.Offsets.ContainsKey((group, partition)));

    private InMemoryGroup Group(string name)
    {
        if (!_groups.TryGetValue(name, out InMemoryGroup? group))
        {
            _groups.Add(name, group = new InMemoryGroup(name, PartitionsOf));
        }

        return group;
    }

    private IEnumerable<SourcePartition> PartitionsOf(IEnumerable<string> topics) =>
        topics.SelectMany(topic => Enumerable.Range(0, _partitionCounts.GetValueOrDefault(topic)).Select(number => new SourcePartition(topic, number)));

    private bool TimeOutTransactionsNeedsLock()
    {
        bool any = false;
        foreach (TransactionalId id in _transactionalIds.Values)
        {
            if (id.Open is { } open && time.GetElapsedTime(open.StartedTimestamp) > TransactionTimeout)
            {
                id.BumpEpoch();
                any = true;
            }
        }

        return any;
    }

    /// <summary>Ends on the waiter's own scheduler: WaitAsync on the source's task would hop to the thread pool.</summary>
    private static async Task FollowAsync(Task task) => await task;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
