using System.Collections.Concurrent;
using Carousel.Conformance.Tests.Brokers;
using Carousel.Testing;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.ConfluentKafka;

/// <summary>A consumer in a group, which polls on a thread of its own until it leaves or dies. It commits what it has read before it gives a partition up.</summary>
internal sealed class GroupMember : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private readonly IConsumer<string?, string?> _consumer;
    private readonly Task _polling;
    private volatile IReadOnlyList<TopicPartition> _assignment = [];
    private volatile bool _leaves;
    private volatile bool _stops;
    private int _assignments;

    public GroupMember(ConfluentClients clients, string group, string topic, Action<ConsumerConfig>? configure = null)
    {
        ConsumerBuilder<string?, string?> builder = clients.ConsumerBuilder<string?, string?>(group, config =>
        {
            (config.EnablePartitionEof, config.SessionTimeoutMs, config.HeartbeatIntervalMs) = (false, 6_000, 500);
            configure?.Invoke(config);
        });
        _consumer = builder
            .SetPartitionsAssignedHandler((_, _) => Interlocked.Increment(ref _assignments))
            .SetPartitionsRevokedHandler((consumer, _) => Commit(consumer))
            .SetPartitionsLostHandler((_, _) => { }) // Without it, partitions that are no longer its own are committed as those that it gives up.
            .Build();
        _consumer.Subscribe(topic);
        _polling = Task.Factory.StartNew(Poll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public ConcurrentQueue<string> Read { get; } = new();

    public IReadOnlyList<TopicPartition> Assignment => _assignment;

    public int[] Partitions => [.. _assignment.Select(partition => partition.Partition.Value).Order()];

    /// <summary>How often it was told of an assignment.</summary>
    public int Assignments => Volatile.Read(ref _assignments);

    /// <summary>Ends when the member does; with its error when it was thrown out of the group for good.</summary>
    public Task Ended => _polling;

    public string MemberId => _consumer.MemberId;

    /// <summary>Waits until the members share the partitions among them, none without any and none twice.</summary>
    public static Task ShareAsync(int partitionCount, params GroupMember[] members) => Eventually.TrueAsync(
        $"{members.Length} members share {partitionCount} partitions",
        () => string.Join(" | ", members.Select(member => string.Join(',', member.Partitions))),
        _ => members.All(member => member.Partitions.Length > 0)
            && members.SelectMany(member => member.Partitions).Order().SequenceEqual(Enumerable.Range(0, partitionCount)),
        BrokerContract.Patience);

    /// <summary>Commits, and tells the group that it goes.</summary>
    public Task LeaveAsync()
    {
        _leaves = true;
        return DisposeAsync().AsTask();
    }

    /// <summary>Dies without a word: the group finds out by the session timeout.</summary>
    public async ValueTask DisposeAsync()
    {
        _stops = true;
        await _polling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Poll()
    {
        using (_consumer)
        {
            while (!_stops)
            {
                if (_consumer.Consume(PollInterval) is { } result)
                {
                    Read.Enqueue(result.Message.Value!);
                }

                _assignment = _consumer.Assignment;
            }

            if (_leaves)
            {
                _consumer.Close();
            }
        }
    }

    /// <summary>Nothing to commit is no error; a commit that comes too late for its generation is the group's to refuse.</summary>
    private static void Commit(IConsumer<string?, string?> consumer)
    {
        try
        {
            consumer.Commit();
        }
        catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_NoOffset or ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.RebalanceInProgress)
        {
        }
    }
}
