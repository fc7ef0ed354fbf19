using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>A librdkafka consumer on a thread of its own; rebalances are reported on that thread, which waits for the listener.</summary>
internal sealed class KafkaStageConsumer : IStageConsumer
{
    private const int PollRecordsMax = 1_000;
    private static readonly TimeSpan CommittedTimeout = TimeSpan.FromSeconds(10);
    private readonly DedicatedThread _thread;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;

    public KafkaStageConsumer(ConsumerConfig config, IReadOnlyList<string> topics, IAssignmentListener listener, ILogger logger)
    {
        _thread = new DedicatedThread($"{config.ClientId} consumer");
        _consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetPartitionsAssignedHandler((_, partitions) => listener.OnAssigned(Ids(partitions)))
            .SetPartitionsRevokedHandler((_, partitions) => listener.OnRevokedAsync(Ids(partitions.Select(p => p.TopicPartition))).GetAwaiter().GetResult())
            .SetPartitionsLostHandler((_, partitions) => listener.OnLost(Ids(partitions.Select(p => p.TopicPartition))))
            .SetLogHandler((_, message) => KafkaClientLog.Write(logger, message))
            .SetErrorHandler((_, error) => KafkaClientLog.Write(logger, error))
            .Build();
        _consumer.Subscribe(topics);
    }

    public Task<IReadOnlyList<SourceRecord>> PollAsync(TimeSpan timeout) => _thread.RunAsync(() => Poll(timeout));

    public void Pause(IReadOnlyCollection<SourcePartition> partitions) => Call("Pausing", () => _consumer.Pause(partitions.Select(ToKafka)));

    public void Resume(IReadOnlyCollection<SourcePartition> partitions) => Call("Resuming", () => _consumer.Resume(partitions.Select(ToKafka)));

    public IGroupMembership Membership() => new KafkaGroupMembership(_consumer.ConsumerGroupMetadata);

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

    public Task LeaveAsync() => _thread.RunAsync(() => Call("Leaving the group", _consumer.Close));

    public async ValueTask DisposeAsync()
    {
        await _thread.RunAsync(_consumer.Dispose);
        _thread.Dispose();
    }

    private IReadOnlyList<SourceRecord> Poll(TimeSpan timeout)
    {
        var records = new List<SourceRecord>();
        Call("Reading", () =>
        {
            ConsumeResult<byte[]?, byte[]?>? result = _consumer.Consume(timeout);
            while (result is not null)
            {
                records.Add(ToRecord(result));
                result = records.Count < PollRecordsMax ? _consumer.Consume(TimeSpan.Zero) : null;
            }
        });
        return records;
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

    private static SourceRecord ToRecord(ConsumeResult<byte[]?, byte[]?> result) => new(
        new SourcePartition(result.Topic, result.Partition.Value),
        result.Offset.Value,
        result.Message.Timestamp.UtcDateTime,
        result.Message.Key,
        result.Message.Value,
        result.Message.Headers is { Count: > 0 } headers ? [.. headers.Select(header => new RecordHeader(header.Key, header.GetValueBytes()))] : []);

    private static TopicPartition ToKafka(SourcePartition partition) => new(partition.Topic, partition.Partition);

    private static SourcePartition[] Ids(IEnumerable<TopicPartition> partitions) =>
        [.. partitions.Select(partition => new SourcePartition(partition.Topic, partition.Partition.Value))];
}

internal sealed record KafkaGroupMembership(IConsumerGroupMetadata Metadata) : IGroupMembership;
