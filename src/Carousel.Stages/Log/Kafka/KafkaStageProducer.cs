using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>A transactional librdkafka producer; the calls that block run on a thread of its own.</summary>
internal sealed class KafkaStageProducer : IStageProducer
{
    /// <summary>No longer than the transaction itself may last: after that the broker has aborted it.</summary>
    private static readonly TimeSpan StepTimeout = Carousel.Kafka.KafkaClientSettings.TransactionTimeout;
    private readonly DedicatedThread _thread;
    private readonly IProducer<byte[]?, byte[]?> _producer;

    public KafkaStageProducer(ProducerConfig config, ILogger logger)
    {
        _thread = new DedicatedThread($"{config.ClientId} producer");
        _producer = new ProducerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => KafkaClientLog.Write(logger, message))
            .SetErrorHandler((_, error) => KafkaClientLog.Write(logger, error))
            .Build();
    }

    public Task InitAsync(TimeSpan timeout) => RunAsync("Taking over the transactional id", () => _producer.InitTransactions(timeout));

    public Task BeginAsync() => RunAsync("Beginning a transaction", _producer.BeginTransaction);

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

    public Task FlushAsync() => RunAsync("Flushing", () =>
    {
        int left = _producer.Flush(StepTimeout);
        if (left > 0)
        {
            throw new LogException($"{left} records were not written within {StepTimeout.TotalSeconds} s");
        }
    });

    public Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership) => RunAsync("Adding offsets to the transaction", () =>
        _producer.SendOffsetsToTransaction(
            offsets.Select(offset => new TopicPartitionOffset(offset.Key.Topic, offset.Key.Partition, offset.Value)),
            ((KafkaGroupMembership)membership).Metadata,
            StepTimeout));

    public Task CommitAsync() => RunAsync("Committing", () => _producer.CommitTransaction(StepTimeout));

    public async ValueTask DisposeAsync()
    {
        await _thread.RunAsync(_producer.Dispose);
        _thread.Dispose();
    }

    private Task RunAsync(string what, Action call) => _thread.RunAsync(() =>
    {
        try
        {
            call();
        }
        catch (KafkaException e)
        {
            throw KafkaStageLog.Translate(what, e);
        }
    });

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
