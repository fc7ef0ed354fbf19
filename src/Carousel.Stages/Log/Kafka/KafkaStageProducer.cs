using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>A transactional librdkafka producer. A call that overruns its time is as much in doubt as any other failure.</summary>
internal sealed class KafkaStageProducer : IStageProducer
{
    /// <summary>No longer than the transaction itself may last: after that the broker has aborted it.</summary>
    private static readonly TimeSpan StepTimeout = Carousel.Kafka.KafkaClientSettings.TransactionTimeout;
    private readonly ClientThread _thread;
    private readonly IProducer<byte[]?, byte[]?> _producer;

    public KafkaStageProducer(ProducerConfig config, ILogger logger)
    {
        _thread = new ClientThread($"{config.ClientId} producer", logger, TimeProvider.System);
        _producer = new ProducerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => KafkaClientLog.Write(logger, message))
            .SetErrorHandler((_, error) => KafkaClientLog.Write(logger, error))
            .Build();
    }

    public Task InitAsync(TimeSpan timeout) => _thread.RunAsync("Taking over the transactional id", timeout, () => _producer.InitTransactions(timeout));

    public Task BeginAsync() => _thread.RunAsync("Beginning a transaction", StepTimeout, _producer.BeginTransaction);

    public void Send(OutputRecord record)
    {
        var message = new Message<byte[]?, byte[]?> { Key = record.Key, Value = record.Value, Headers = ToKafka(record.Headers) };
        try
        {
            _producer.Produce(new TopicPartition(record.Topic, record.Partition is { } number ? new Partition(number) : Partition.Any), message);
        }
        catch (KafkaException e)
        {
            throw KafkaStageLog.Translate($"Writing to {record.Topic}", e);
        }
    }

    public Task FlushAsync() => _thread.RunAsync("Flushing", StepTimeout, () =>
    {
        int left = _producer.Flush(StepTimeout);
        if (left > 0)
        {
            throw new LogException($"{left} records were not written within {StepTimeout.TotalSeconds} s");
        }
    });

    public Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership) => _thread.RunAsync("Adding offsets to the transaction", StepTimeout, () =>
        _producer.SendOffsetsToTransaction(
            offsets.Select(offset => new TopicPartitionOffset(offset.Key.Topic, offset.Key.Partition, offset.Value)),
            ((KafkaGroupMembership)membership).Metadata,
            StepTimeout));

    public Task CommitAsync() => _thread.RunAsync("Committing", StepTimeout, () => _producer.CommitTransaction(StepTimeout));

    public ValueTask DisposeAsync() => new(_thread.EndAsync(StepTimeout, _producer.Dispose));

    private static Headers? ToKafka(IReadOnlyList<RecordHeader> headers)
    {
        if (headers.Count == 0)
        {
            return null;
        }

        var result = new Headers();
        foreach (RecordHeader header in headers)
        {
            result.Add(header.Name, header.Value);
        }

        return result;
    }
}
