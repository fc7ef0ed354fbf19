using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>Reads whole partitions, outside any group. Its calls block, and it is used by one thread.</summary>
internal sealed class KafkaLogReader : IDisposable
{
    /// <summary>Longer than a dead producer's transaction may hold up its readers: its timeout, and the broker's interval of looking for such.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(200);
    private readonly IConsumer<byte[]?, byte[]?> _consumer;

    public KafkaLogReader(ConsumerConfig config, ILogger logger)
    {
        _consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => KafkaClientLog.Write(logger, message))
            .SetErrorHandler((_, error) => KafkaClientLog.Write(logger, error))
            .Build();
    }

    /// <inheritdoc cref="IStageLog.EndOffsetsAsync"/>
    public IReadOnlyDictionary<SourcePartition, long> EndOffsets(IReadOnlyCollection<SourcePartition> partitions)
    {
        // A consumer that reads committed records alone is told of the last stable offset; the admin client may ask for the end itself.
        using IAdminClient admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
        try
        {
            ListOffsetsResult result = admin.ListOffsetsAsync(
                partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = GroupMember.ToKafka(partition), OffsetSpec = OffsetSpec.Latest() }),
                new ListOffsetsOptions { RequestTimeout = RequestTimeout, IsolationLevel = IsolationLevel.ReadUncommitted }).GetAwaiter().GetResult();
            return result.ResultInfos.Select(info => info.TopicPartitionOffsetError).ToDictionary(
                offset => new SourcePartition(offset.Topic, offset.Partition.Value),
                offset => offset.Offset.Value);
        }
        catch (KafkaException e)
        {
            throw KafkaStageLog.Translate($"Asking for the end of {string.Join(", ", partitions)}", e);
        }
    }

    /// <inheritdoc cref="IStageLog.ReadToEndAsync"/>
    public void ReadToEnd(IReadOnlyCollection<SourcePartition> partitions, Action<SourceRecord> onRecord, CancellationToken cancellationToken)
    {
        Dictionary<SourcePartition, long> left = EndOffsets(partitions).Where(end => end.Value > 0).ToDictionary();
        try
        {
            _consumer.Assign(left.Keys.Select(partition => new TopicPartitionOffset(GroupMember.ToKafka(partition), Offset.Beginning)));
            long started = TimeProvider.System.GetTimestamp();
            while (left.Count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TimeProvider.System.GetElapsedTime(started) > ReadTimeout)
                {
                    throw new LogException($"After {ReadTimeout.TotalSeconds:N0} s these partitions weren't read up to their ends: {string.Join(", ", left)}");
                }

                if (_consumer.Consume(PollTimeout) is { } result)
                {
                    Accept(result, left, onRecord);
                }
            }
        }
        catch (KafkaException e)
        {
            throw KafkaStageLog.Translate($"Reading {string.Join(", ", partitions)}", e);
        }
    }

    public void Dispose() => _consumer.Dispose();

    /// <summary>
    /// The end of a partition, as a reader of committed records sees it, lies below its real end as long as a transaction is open; once that is decided
    /// the client reads on and reports another end.
    /// </summary>
    private static void Accept(ConsumeResult<byte[]?, byte[]?> result, Dictionary<SourcePartition, long> left, Action<SourceRecord> onRecord)
    {
        var partition = new SourcePartition(result.Topic, result.Partition.Value);
        if (!left.TryGetValue(partition, out long end))
        {
            return;
        }

        if (!result.IsPartitionEOF)
        {
            onRecord(GroupMember.ToRecord(result));
        }

        if (result.Offset.Value >= (result.IsPartitionEOF ? end : end - 1))
        {
            left.Remove(partition);
        }
    }
}
