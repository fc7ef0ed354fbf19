using Carousel.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>
/// One librdkafka consumer: polls on one thread, which also reports rebalances and waits for the listener, and questions on others beside it.
/// Once it is lost or stuck it is of no use any more, and whoever has it takes a new one.
/// </summary>
internal sealed class GroupMember
{
    private const int PollRecordsMax = 1_000;
    private static readonly TimeSpan CommittedTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A poll may contain a rebalance that drains what is revoked; after this long the group has expelled the member anyway.</summary>
    private static readonly TimeSpan PollLimit = KafkaClientSettings.PollIntervalMax;
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MembershipLimit = TimeSpan.FromSeconds(5);
    private readonly IAssignmentListener _listener;
    private readonly ClientThread _polls;
    private readonly ClientThread _questions;

    // Apart from the other questions: an answer may wait for a transaction, and nobody's next transaction should wait for that.
    private readonly ClientThread _offsets;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly HashSet<SourcePartition> _assigned = [];
    private readonly Lock _membershipLock = new();
    private List<SourceRecord> _polled = [];
    private LogException? _failure;
    private volatile bool _isAbandoned;
    private volatile bool _isLost;

    // While the group is being left librdkafka must not be asked for the membership: it was seen not to answer at all, and to answer with nothing, which
    // Confluent.Kafka takes for a pointer (a crash). What is committed while the partitions are revoked on leaving goes under the membership of before.
    private IGroupMembership? _atLeaving;
    private bool _isLeaving;
    private bool _isRevoking;

    public GroupMember(ConsumerConfig config, IReadOnlyList<string> topics, IAssignmentListener listener, ILogger logger)
    {
        _listener = listener;
        _polls = new ClientThread($"{config.ClientId} consumer", logger, TimeProvider.System);
        _questions = new ClientThread($"{config.ClientId} membership", logger, TimeProvider.System);
        _offsets = new ClientThread($"{config.ClientId} offsets", logger, TimeProvider.System);
        _consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetPartitionsAssignedHandler((_, partitions) => Assign(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => Revoke(partitions))
            .SetPartitionsLostHandler((_, partitions) => Lose(partitions))
            .SetLogHandler((_, message) => KafkaClientLog.Write(logger, message))
            .SetErrorHandler((_, error) => KafkaClientLog.Write(logger, error))
            .Build();
        _consumer.Subscribe(topics);
    }

    public string Name => _consumer.Name;

    /// <summary>
    /// The group expelled this member, or the client no longer answers. A consumer that was expelled joins again by itself, but was seen to fetch
    /// nothing from then on where its broker had been killed (librdkafka 2.16).
    /// </summary>
    public bool IsUseless => _isLost || _polls.IsStuck || _questions.IsStuck || _offsets.IsStuck;

    public Task<IReadOnlyList<SourceRecord>> PollAsync(TimeSpan timeout) => _polls.RunAsync("Reading", PollLimit, () => Poll(timeout));

    public void Pause(IReadOnlyCollection<SourcePartition> partitions) => Call("Pausing", () => _consumer.Pause(partitions.Select(ToKafka)));

    public void Resume(IReadOnlyCollection<SourcePartition> partitions) => Call("Resuming", () => _consumer.Resume(partitions.Select(ToKafka)));

    public Task<IGroupMembership> MembershipAsync() => _questions.RunAsync("Asking for the membership", MembershipLimit, Membership);

    /// <summary>With isolation.level=read_committed librdkafka asks for stable offsets.</summary>
    public Task<IReadOnlyDictionary<SourcePartition, long?>> CommittedAsync(IReadOnlyCollection<SourcePartition> partitions) =>
        _offsets.RunAsync<IReadOnlyDictionary<SourcePartition, long?>>("Reading committed offsets", CommittedTimeout, () =>
            _consumer.Committed(partitions.Select(ToKafka), CommittedTimeout).ToDictionary(
                offset => new SourcePartition(offset.Topic, offset.Partition.Value),
                offset => offset.Offset.IsSpecial ? (long?)null : offset.Offset.Value));

    public Task LeaveAsync() => _polls.RunAsync("Leaving the group", LeaveLimit, Leave);

    /// <summary>Reports what is still assigned as lost; whatever the client may still say is not passed on.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        SourcePartition[] left;
        lock (_assigned)
        {
            left = [.. _assigned];
            _assigned.Clear();
        }

        if (left.Length > 0)
        {
            _listener.OnLost(left);
        }
    }

    /// <summary>Leaves the group, unless that is done, and ends the client once no call is inside it; one that is stuck is left alone.</summary>
    public async Task EndAsync()
    {
        await _questions.EndAsync(MembershipLimit, () => { });
        await _offsets.EndAsync(CommittedTimeout, () => { });
        await _polls.EndAsync(LeaveLimit, () =>
        {
            if (!_questions.IsStuck && !_offsets.IsStuck)
            {
                Leave();
                _consumer.Dispose();
            }
        });
    }

    private void Leave()
    {
        lock (_membershipLock)
        {
            if (_isLeaving)
            {
                return;
            }

            _atLeaving = CurrentMembership();
            _isLeaving = true;
        }

        _consumer.Close();
    }

    private IGroupMembership Membership()
    {
        lock (_membershipLock)
        {
            IGroupMembership? membership = _isLeaving ? (_isRevoking ? _atLeaving : null) : CurrentMembership();
            return membership ?? throw new LogException(
                _isLeaving ? "The consumer has left its group." : "The consumer isn't a member of its group now: it was expelled, and hasn't joined again.");
        }
    }

    /// <summary>
    /// Null between two memberships, when librdkafka gives metadata without member and generation: the broker takes such for an old client's and doesn't
    /// check it, so it would commit offsets of partitions that are somebody else's already. A member id never comes twice, so one that is the same before and
    /// after was there meanwhile.
    /// </summary>
    private KafkaGroupMembership? CurrentMembership()
    {
        string? before = _consumer.MemberId;
        if (string.IsNullOrEmpty(before))
        {
            return null;
        }

        var membership = new KafkaGroupMembership(_consumer.ConsumerGroupMetadata);
        return before == _consumer.MemberId ? membership : null;
    }

    /// <summary>
    /// An error that comes after some records waits for the next poll: the client's position is behind those records already, so dropping them here
    /// would lose them.
    /// </summary>
    private IReadOnlyList<SourceRecord> Poll(TimeSpan timeout)
    {
        if (_failure is { } failure)
        {
            _failure = null;
            throw failure;
        }

        _polled = [];
        try
        {
            Call("Reading", () => Consume(timeout));
        }
        catch (LogException e) when (_polled.Count > 0)
        {
            _failure = e;
        }

        return _isAbandoned ? [] : _polled;
    }

    private void Consume(TimeSpan timeout)
    {
        ConsumeResult<byte[]?, byte[]?>? result = _consumer.Consume(timeout);
        while (result is not null)
        {
            _polled.Add(ToRecord(result));
            result = _polled.Count < PollRecordsMax ? _consumer.Consume(TimeSpan.Zero) : null;
        }
    }

    private void Assign(List<TopicPartition> partitions)
    {
        SourcePartition[] ids = Ids(partitions);
        lock (_assigned)
        {
            if (_isAbandoned)
            {
                return;
            }

            _assigned.UnionWith(ids);
            _listener.OnAssigned(ids);
        }
    }

    private void Lose(List<TopicPartitionOffset> partitions)
    {
        _isLost = true;
        if (Forget(partitions) is { Length: > 0 } ids)
        {
            _listener.OnLost(ids);
        }
    }

    private void Revoke(List<TopicPartitionOffset> partitions)
    {
        SourcePartition[] ids = Forget(partitions);
        SetRevoking(true);
        try
        {
            if (ids.Length > 0)
            {
                _listener.OnRevokedAsync(ids).GetAwaiter().GetResult();
            }
        }
        finally
        {
            SetRevoking(false);
        }
    }

    private void SetRevoking(bool isRevoking)
    {
        lock (_membershipLock)
        {
            _isRevoking = isRevoking;
        }
    }

    /// <summary>
    /// A rebalance may come in the middle of a poll, and may give a partition back before its end: what was read under the assignment that is over
    /// must not be taken for the new one's, which begins at the committed offset.
    /// </summary>
    private SourcePartition[] Forget(IEnumerable<TopicPartitionOffset> partitions)
    {
        SourcePartition[] ids = Ids(partitions.Select(partition => partition.TopicPartition));
        _polled.RemoveAll(record => ids.Contains(record.Partition));
        lock (_assigned)
        {
            return [.. ids.Where(_assigned.Remove)];
        }
    }

    private static void Call(string what, Action call)
    {
        try
        {
            call();
        }
        catch (KafkaException e)
        {
            throw KafkaStageLog.Translate(what, e);
        }
    }

    internal static SourceRecord ToRecord(ConsumeResult<byte[]?, byte[]?> result) => new(
        new SourcePartition(result.Topic, result.Partition.Value),
        result.Offset.Value,
        result.Message.Timestamp.UtcDateTime,
        result.Message.Key,
        result.Message.Value,
        ToRecord(result.Message.Headers));

    private static RecordHeader[] ToRecord(Headers? headers)
    {
        if (headers is not { Count: > 0 })
        {
            return [];
        }

        var result = new RecordHeader[headers.Count];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = new RecordHeader(headers[i].Key, headers[i].GetValueBytes());
        }

        return result;
    }

    internal static TopicPartition ToKafka(SourcePartition partition) => new(partition.Topic, partition.Partition);

    private static SourcePartition[] Ids(IEnumerable<TopicPartition> partitions) =>
        [.. partitions.Select(partition => new SourcePartition(partition.Topic, partition.Partition.Value))];
}

internal sealed record KafkaGroupMembership(IConsumerGroupMetadata Metadata) : IGroupMembership;
