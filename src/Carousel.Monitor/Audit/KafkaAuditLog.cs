using System.Runtime.CompilerServices;
using Carousel.Kafka;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Carousel.Monitor.Audit;

/// <summary>
/// Apache Kafka as the audit's log. It assigns partitions itself and joins no group. A partition's end is the high watermark: read_committed readers
/// get no further than the last stable offset, so everything that was in an open transaction at the snapshot is waited for. The end is reached with the
/// record before it, or with an end-of-partition event at or behind it: that event carries the position behind transaction markers and aborted records,
/// which no record tells of. Not thread-safe: one audit at a time reads through it.
/// </summary>
public sealed class KafkaAuditLog : IAuditLog, IDisposable
{
    private const string ClientId = "carousel-audit";
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);

    private readonly KafkaOptions _kafka;
    private readonly KafkaAuditLogOptions _options;
    private readonly TimeProvider _time;
    private readonly IAdminClient _admin;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;

    public KafkaAuditLog(KafkaOptions kafka, KafkaAuditLogOptions options, TimeProvider time)
    {
        _kafka = kafka;
        _options = options;
        _time = time;
        _admin = new AdminClientBuilder(KafkaClientSettings.Admin(kafka, ClientId)).SetLogHandler((_, _) => { }).Build();
        ConsumerConfig config = KafkaClientSettings.Consumer(kafka, ClientId, ClientId);
        config.EnablePartitionEof = true;
        config.AutoOffsetReset = AutoOffsetReset.Error;

        // Partitions are read one by one, and each ends with a fetch that finds nothing: that one shouldn't wait for more to come.
        config.FetchWaitMaxMs = 5;
        _consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    public async ValueTask<IReadOnlyList<PartitionRange>> RangesAsync(string topic, CancellationToken cancellationToken)
    {
        try
        {
            TopicCollection topics = TopicCollection.OfTopicNames([topic]);
            DescribeTopicsResult described = await _admin.DescribeTopicsAsync(topics, new DescribeTopicsOptions { RequestTimeout = _options.RequestTimeout });
            int[] partitions = [.. described.TopicDescriptions.Single().Partitions.Select(partition => partition.Partition).Order()];
            Dictionary<int, long> beginnings = await OffsetsAsync(topic, partitions, OffsetSpec.Earliest());
            Dictionary<int, long> ends = await OffsetsAsync(topic, partitions, OffsetSpec.Latest());
            return [.. partitions.Select(partition => new PartitionRange(partition, beginnings[partition], ends[partition]))];
        }
        catch (KafkaException e)
        {
            throw new AuditException($"The offsets of topic {topic} can't be read from Kafka: {e.Error.Reason} Check that Kafka runs and the topic exists.", e);
        }
    }

    public async ValueTask<IReadOnlyDictionary<int, long>> CommittedAsync(string group, string topic, CancellationToken cancellationToken)
    {
        // Asked through a consumer, which never joins: the admin client's call for it crashes the process where the group has no coordinator
        // (librdkafka 2.16, rd_kafka_handle_OffsetFetch without a group handle), as it hasn't while a broker restarts.
        ConsumerConfig config = KafkaClientSettings.Consumer(_kafka, ClientId, group);
        config.IsolationLevel = IsolationLevel.ReadUncommitted;
        using IConsumer<Ignore, Ignore> member = new ConsumerBuilder<Ignore, Ignore>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        long started = _time.GetTimestamp();
        while (true)
        {
            try
            {
                List<TopicPartitionOffset> offsets = await Task.Run(
                    () => member.Committed(Partitions(topic), _options.RequestTimeout), cancellationToken);
                return offsets.Where(found => !found.Offset.IsSpecial).ToDictionary(found => found.Partition.Value, found => found.Offset.Value);
            }
            catch (KafkaException e) when (IsCoordinatorMoving(e.Error.Code) && _time.GetElapsedTime(started) < _options.RequestTimeout)
            {
                await Task.Delay(PollTime, _time, cancellationToken);
            }
            catch (KafkaException e)
            {
                throw new AuditException($"The offsets of group {group} can't be read from Kafka: {e.Error.Reason}", e);
            }
        }
    }

    /// <summary>A broker that has just started, or a group that moves to another: the next answer may be right.</summary>
    private static bool IsCoordinatorMoving(ErrorCode code) =>
        code is ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.GroupLoadInProgress;

    public async IAsyncEnumerable<IReadOnlyList<AuditRecord>> ReadAsync(
        string topic, PartitionRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (range.End <= range.Beginning)
        {
            yield break;
        }

        _consumer.Assign(new TopicPartitionOffset(topic, range.Partition, range.Beginning));
        try
        {
            bool atEnd = false;
            while (!atEnd)
            {
                // The client blocks, so it polls away from the caller's thread.
                (List<AuditRecord> batch, atEnd) = await Task.Run(() => Poll(topic, range, cancellationToken), cancellationToken);
                if (batch.Count > 0)
                {
                    yield return batch;
                }
            }
        }
        finally
        {
            _consumer.Unassign();
        }
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
        _admin.Dispose();
    }

    private IEnumerable<TopicPartition> Partitions(string topic) =>
        _admin.GetMetadata(topic, _options.RequestTimeout).Topics.Single().Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId));

    private (List<AuditRecord> Batch, bool AtEnd) Poll(string topic, PartitionRange range, CancellationToken cancellationToken)
    {
        var batch = new List<AuditRecord>(_options.BatchRecordsMax);
        long since = _time.GetTimestamp();
        while (batch.Count < _options.BatchRecordsMax)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ConsumeResult<byte[]?, byte[]?>? result = Consume(topic, range);
            if (result is null || (result.IsPartitionEOF && result.Offset < range.End))
            {
                if (batch.Count > 0)
                {
                    return (batch, false);
                }

                CheckStall(topic, range, since);
                continue;
            }

            if (result.IsPartitionEOF || result.Offset >= range.End)
            {
                return (batch, true);
            }

            batch.Add(new AuditRecord(range.Partition, result.Offset, result.Message.Key, result.Message.Value));
            if (result.Offset == range.End - 1)
            {
                return (batch, true);
            }
        }

        return (batch, false);
    }

    private ConsumeResult<byte[]?, byte[]?>? Consume(string topic, PartitionRange range)
    {
        try
        {
            return _consumer.Consume(PollTime);
        }
        catch (ConsumeException e) when (!e.Error.IsFatal && e.Error.Code is not (ErrorCode.OffsetOutOfRange or ErrorCode.Local_AutoOffsetReset or ErrorCode.UnknownTopicOrPart))
        {
            // A broker that is away for a while; whether it is away too long is decided by the time without a record.
            return null;
        }
        catch (KafkaException e)
        {
            throw new AuditException($"{topic}-{range.Partition} can't be read from offset {range.Beginning} to {range.End}: {e.Error.Reason}", e);
        }
    }

    private void CheckStall(string topic, PartitionRange range, long since)
    {
        if (_time.GetElapsedTime(since) > _options.StallMax)
        {
            throw new AuditException(
                $"{topic}-{range.Partition} delivered nothing for {_options.StallMax.TotalSeconds:0} s and isn't read to its end at {range.End}: "
                + "Kafka is away, or a transaction is still open. Audit again when it is over.");
        }
    }

    private async Task<Dictionary<int, long>> OffsetsAsync(string topic, int[] partitions, OffsetSpec spec)
    {
        ListOffsetsResult result = await _admin.ListOffsetsAsync(
            partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, partition), OffsetSpec = spec }),
            new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = _options.RequestTimeout });
        return result.ResultInfos.ToDictionary(
            info => info.TopicPartitionOffsetError.Partition.Value, info => info.TopicPartitionOffsetError.Offset.Value);
    }
}
