using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>
/// A transactional librdkafka producer; the calls that block run on a thread of its own. librdkafka's own timeouts can't be relied on: with a broker
/// killed in mid-transaction rd_kafka_send_offsets_to_transaction was seen to wait for ever (2.16). A call that overruns its time by far is therefore given up,
/// as in doubt as any other failure, and the client is left to its fate: it can't be destroyed while a call is inside.
/// </summary>
internal sealed class KafkaStageProducer : IStageProducer
{
    /// <summary>No longer than the transaction itself may last: after that the broker has aborted it.</summary>
    private static readonly TimeSpan StepTimeout = Carousel.Kafka.KafkaClientSettings.TransactionTimeout;
    private static readonly TimeSpan Overrun = TimeSpan.FromSeconds(5);
    private readonly DedicatedThread _thread;
    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly ILogger _logger;
    private bool _isStuck;

    public KafkaStageProducer(ProducerConfig config, ILogger logger)
    {
        _logger = logger;
        _thread = new DedicatedThread($"{config.ClientId} producer");
        _producer = new ProducerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => KafkaClientLog.Write(logger, message))
            .SetErrorHandler((_, error) => KafkaClientLog.Write(logger, error))
            .Build();
    }

    public Task InitAsync(TimeSpan timeout) => RunAsync("Taking over the transactional id", timeout, () => _producer.InitTransactions(timeout));

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
        Task disposed = _thread.RunAsync(_producer.Dispose);
        _thread.Dispose();
        if (!_isStuck)
        {
            await disposed;
        }
    }

    private Task RunAsync(string what, Action call) => RunAsync(what, StepTimeout, call);

    private async Task RunAsync(string what, TimeSpan timeout, Action call)
    {
        Task called = _thread.RunAsync(() =>
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
        try
        {
            await called.WaitAsync(timeout + Overrun);
        }
        catch (TimeoutException e)
        {
            _isStuck = true;
            KafkaClientLog.Stuck(_logger, what, (timeout + Overrun).TotalSeconds);
            throw new LogException($"{what} didn't return within {(timeout + Overrun).TotalSeconds:N0} s", e);
        }
    }

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
