using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>A librdkafka consumer on a thread of its own; rebalances are reported on that thread, which waits for the listener.</summary>
internal sealed class KafkaStageConsumer : IStageConsumer
{
    private const int PollRecordsMax = 1_000;
    private static readonly TimeSpan CommittedTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Longer than any call that may still be inside a consumer that was replaced.</summary>
    private static readonly TimeSpan DisposeDelay = TimeSpan.FromSeconds(60);
    private readonly DedicatedThread _thread;
    private readonly ILogger _logger;
    private readonly Func<IConsumer<byte[]?, byte[]?>> _build;
    private volatile IConsumer<byte[]?, byte[]?> _consumer;
    private readonly Lock _membershipLock = new();
    private List<SourceRecord> _polled = [];
    private LogException? _failure;
    private readonly List<Task> _replaced = [];
    private readonly CancellationTokenSource _disposing = new();

    // librdkafka answers questions about the membership on its main thread, which never answers one that comes while the group is being left: the
    // caller would hang for ever. Only the revocation that is part of leaving may ask.
    private bool _isLeaving;
    private bool _isRevoking;
    private bool _isLost;

    public KafkaStageConsumer(ConsumerConfig config, IReadOnlyList<string> topics, IAssignmentListener listener, ILogger logger)
    {
        _thread = new DedicatedThread($"{config.ClientId} consumer");
        _logger = logger;
        _build = () =>
        {
            IConsumer<byte[]?, byte[]?> consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
                .SetPartitionsAssignedHandler((_, partitions) => listener.OnAssigned(Ids(partitions)))
                .SetPartitionsRevokedHandler((_, partitions) => Revoke(listener, partitions))
                .SetPartitionsLostHandler((_, partitions) => Lose(listener, partitions))
                .SetLogHandler((_, message) => KafkaClientLog.Write(logger, message))
                .SetErrorHandler((_, error) => KafkaClientLog.Write(logger, error))
                .Build();
            consumer.Subscribe(topics);
            return consumer;
        };
        _consumer = _build();
    }

    public Task<IReadOnlyList<SourceRecord>> PollAsync(TimeSpan timeout) => _thread.RunAsync(() => Poll(timeout));

    public void Pause(IReadOnlyCollection<SourcePartition> partitions) => Call("Pausing", () => _consumer.Pause(partitions.Select(ToKafka)));

    public void Resume(IReadOnlyCollection<SourcePartition> partitions) => Call("Resuming", () => _consumer.Resume(partitions.Select(ToKafka)));

    public IGroupMembership Membership()
    {
        // Between two memberships librdkafka gives metadata without member and generation, which the broker takes for an old client's and doesn't
        // check: that would commit offsets of partitions that are somebody else's already. A member id never comes twice, so one that is the same
        // before and after was there meanwhile.
        lock (_membershipLock)
        {
            if (_isLeaving && !_isRevoking)
            {
                throw new LogException("The consumer has left its group.");
            }

            string? before = _consumer.MemberId;
            var membership = new KafkaGroupMembership(_consumer.ConsumerGroupMetadata);
            return !string.IsNullOrEmpty(before) && before == _consumer.MemberId
                ? membership
                : throw new LogException("The consumer isn't a member of its group now: it was expelled, and hasn't joined again.");
        }
    }

    /// <summary>With isolation.level=read_committed librdkafka asks for stable offsets.</summary>
    public Task<IReadOnlyDictionary<SourcePartition, long?>> CommittedAsync(IReadOnlyCollection<SourcePartition> partitions) =>
        Task.Run<IReadOnlyDictionary<SourcePartition, long?>>(() =>
        {
            List<TopicPartitionOffset> offsets = [];
            Call("Reading committed offsets", () => offsets = _consumer.Committed(partitions.Select(ToKafka), CommittedTimeout));
            return offsets.ToDictionary(
                offset => new SourcePartition(offset.Topic, offset.Partition.Value),
                offset => offset.Offset.IsSpecial ? (long?)null : offset.Offset.Value);
        });

    public Task LeaveAsync() => _thread.RunAsync(() =>
    {
        lock (_membershipLock)
        {
            _isLeaving = true;
        }

        Call("Leaving the group", () => _consumer.Close());
    });

    public async ValueTask DisposeAsync()
    {
        await _thread.RunAsync(() => _consumer.Dispose());
        _thread.Dispose();
        await _disposing.CancelAsync();
        await Task.WhenAll(_replaced);
        _disposing.Dispose();
    }

    /// <summary>
    /// An error that comes after some records waits for the next poll: the client's position is behind those records already, so dropping them here
    /// would lose them.
    /// </summary>
    private IReadOnlyList<SourceRecord> Poll(TimeSpan timeout)
    {
        if (_isLost)
        {
            Replace();
        }

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

        return _polled;
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

    private void Lose(IAssignmentListener listener, List<TopicPartitionOffset> partitions)
    {
        _isLost = true;
        listener.OnLost(Forget(partitions));
    }

    /// <summary>
    /// A consumer that was expelled joins again by itself, but was seen to fetch nothing from then on where its broker had been killed (librdkafka 2.16).
    /// So a new one takes its place, which starts from the committed offsets like any other.
    /// </summary>
    private void Replace()
    {
        IConsumer<byte[]?, byte[]?> expelled = _consumer;
        lock (_membershipLock)
        {
            _consumer = _build();
            _isLost = false;
        }

        KafkaClientLog.Replaced(_logger, expelled.Name);
        Call("Leaving the group", expelled.Unsubscribe);
        _replaced.Add(DisposeLaterAsync(expelled));
    }

    private async Task DisposeLaterAsync(IConsumer<byte[]?, byte[]?> consumer)
    {
        await Task.Delay(DisposeDelay, TimeProvider.System, _disposing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Run(consumer.Dispose);
    }

    private void Revoke(IAssignmentListener listener, List<TopicPartitionOffset> partitions)
    {
        SetRevoking(true);
        try
        {
            listener.OnRevokedAsync(Forget(partitions)).GetAwaiter().GetResult();
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
        return ids;
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
        result.Message.Headers is { Count: > 0 } headers ? [.. headers.Select(header => new RecordHeader(header.Key, header.GetValueBytes()))] : []);

    internal static TopicPartition ToKafka(SourcePartition partition) => new(partition.Topic, partition.Partition);

    private static SourcePartition[] Ids(IEnumerable<TopicPartition> partitions) =>
        [.. partitions.Select(partition => new SourcePartition(partition.Topic, partition.Partition.Value))];
}

internal sealed record KafkaGroupMembership(IConsumerGroupMetadata Metadata) : IGroupMembership;
