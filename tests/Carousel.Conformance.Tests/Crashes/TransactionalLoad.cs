using System.Collections.Concurrent;
using Carousel.Conformance.Tests.Brokers;
using Carousel.Testing;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.Crashes;

/// <summary>
/// One transaction after another: a number into two partitions, and the same number as a group's offset; every fourth is aborted. What became of each
/// is noted: committed, aborted, or unknown where the call ended with an error, in which case a new producer of the same name settles it.
/// </summary>
internal sealed class TransactionalLoad : IAsyncDisposable
{
    private const int PartitionCount = 2;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);
    private readonly ConfluentClients _clients;
    private readonly IConsumer<string?, string?> _consumer;
    private readonly ConcurrentDictionary<int, bool> _ended = new();
    private readonly string _topic;
    private readonly string _group;
    private readonly Task _running;
    private volatile bool _stops;
    private int _committed;

    /// <param name="topic">Of two partitions.</param>
    public TransactionalLoad(ConfluentClients clients, string topic, string group)
    {
        (_clients, _topic, _group) = (clients, topic, group);
        _consumer = clients.Consumer(group, CrashSettings.Configure);
        _running = Task.Run(RunAsync);
    }

    /// <summary>How many transactions have been seen to commit.</summary>
    public int Committed => Volatile.Read(ref _committed);

    /// <summary>Compares what readers see with what was promised: committed ones whole, aborted ones not at all, unknown ones whole or not at all.</summary>
    public async Task VerifyAsync()
    {
        _stops = true;
        await _running;
        IReadOnlyList<ConsumeResult<string?, string?>> records = _clients.ReadAll(_topic, PartitionCount);
        int[][] seen = [.. Enumerable.Range(0, PartitionCount).Select(partition => records.Where(record => record.Partition.Value == partition).Select(record => int.Parse(record.Message.Value!, null)).ToArray())];
        Assert.Equal(seen[0], seen[1]);
        Assert.Equal(seen[0].Distinct().Order(), seen[0]);
        Assert.Empty(Numbers(isCommitted: true).Except(seen[0]));
        Assert.Empty(Numbers(isCommitted: false).Intersect(seen[0]));

        // The offset went with the transaction: it is that of the last one that is visible.
        Assert.Equal(seen[0][^1], await CommittedOffsetAsync());
    }

    /// <summary>The group's offset as the broker tells it; never below a transaction that has been seen to commit.</summary>
    public async Task VerifyOffsetAsync()
    {
        int least = _ended.Where(ended => ended.Value).Select(ended => ended.Key).DefaultIfEmpty(-1).Max();
        long told = await CommittedOffsetAsync();
        Assert.True(told >= least, $"The group's offset went back to {told}; {least} was committed.");
    }

    public async ValueTask DisposeAsync()
    {
        _stops = true;
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _consumer.Dispose();
    }

    /// <summary>A coordinator that is still reading its own log says so, and is asked again.</summary>
    private Task<long> CommittedOffsetAsync() => Eventually.TrueAsync(
        $"the offset of {_group} is told",
        () =>
        {
            using IConsumer<string?, string?> reader = _clients.Consumer(_group, CrashSettings.Configure);
            return reader.Committed([new TopicPartition(_topic, 0)], CallTimeout).Single().Offset.Value;
        },
        offset => true,
        BrokerContract.Patience);

    private IEnumerable<int> Numbers(bool isCommitted) => _ended.Where(ended => ended.Value == isCommitted).Select(ended => ended.Key);

    private async Task RunAsync()
    {
        for (int number = 0; !_stops; number++)
        {
            IProducer<string?, string?> producer = _clients.Producer(config =>
            {
                CrashSettings.Configure(config);
                (config.TransactionalId, config.LingerMs) = (_group, 1);
            });
            try
            {
                await CallAsync(() => producer.InitTransactions(CallTimeout));
                for (; !_stops; number++)
                {
                    int now = number;
                    await CallAsync(() => Transact(producer, now));
                }

                producer.Dispose();
            }
            catch (KafkaException e) when (e.Error.Code != ErrorCode.Local_Fenced)
            {
                // Unknown: the next producer's InitTransactions ends it one way or the other.
                producer.Dispose();
            }
            catch (TimeoutException)
            {
                // Unknown as well. A call that never returns keeps its producer: librdkafka can't be destroyed around it.
            }
        }
    }

    /// <summary>librdkafka has been seen to wait for ever in a call that was given a timeout, when the broker died in its middle.</summary>
    private static Task CallAsync(Action call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(CallTimeout + CallTimeout);

    private void Transact(IProducer<string?, string?> producer, int number)
    {
        producer.BeginTransaction();
        for (int partition = 0; partition < PartitionCount; partition++)
        {
            producer.Produce(new TopicPartition(_topic, partition), new Message<string?, string?> { Value = $"{number}" });
        }

        producer.SendOffsetsToTransaction([new TopicPartitionOffset(_topic, 0, number)], _consumer.ConsumerGroupMetadata, CallTimeout);
        if (number % 4 == 3)
        {
            producer.AbortTransaction(CallTimeout);
            _ended[number] = false;
        }
        else
        {
            producer.CommitTransaction(CallTimeout);
            _ended[number] = true;
            Interlocked.Increment(ref _committed);
        }
    }
}
