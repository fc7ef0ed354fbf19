using System.Text;
using Carousel.Kafka;
using Carousel.Orders;
using Confluent.Kafka;

namespace Carousel.Gateway.OrderLog;

/// <summary>
/// Writes orders with one idempotent producer, acks=all. librdkafka's message timeout is the accept limit, so that a record which timed out here
/// before it was sent is never written later. The probe loop alone replaces a producer that failed for good.
/// </summary>
internal sealed partial class KafkaOrderLog : BackgroundService, IOrderLog
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    // librdkafka looks for records that timed out once a second, so half of that early keeps answers around the limit.
    private static readonly TimeSpan TimeoutLag = TimeSpan.FromMilliseconds(500);
    private readonly ProducerConfig _config;
    private readonly string _topic;
    private readonly string _bootstrapServers;
    private readonly TimeSpan _readyAge;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogThrottle _throttle;
    private volatile IProducer<byte[], byte[]> _producer;
    private volatile bool _failedForGood;
    private long _reachedAt;
    private int _disposed;
    private int _waitingRecords;
    private long _waitingBytes;

    public KafkaOrderLog(GatewayOptions options, KafkaOptions kafka, TimeProvider time, ILogger<KafkaOrderLog> logger)
    {
        _config = Config(options, kafka);
        _topic = new CarouselTopics(options.TopicPrefix).Orders;
        _bootstrapServers = kafka.BootstrapServers;
        _readyAge = options.ReadyAge;
        _time = time;
        _logger = logger;
        _throttle = new LogThrottle(time);
        _producer = BuildProducer();
    }

    public (int Records, long Bytes) Waiting => (Volatile.Read(ref _waitingRecords), Interlocked.Read(ref _waitingBytes));

    public string? Trouble =>
        Interlocked.Read(ref _reachedAt) is var reachedAt and not 0 && _time.GetElapsedTime(reachedAt) <= _readyAge
            ? null
            : $"Kafka at {_bootstrapServers}, topic {_topic}, wasn't reached in the last {_readyAge.TotalSeconds:0} s.";

    /// <summary>The producer's settings: the safe ones, and the gateway's bounds.</summary>
    public static ProducerConfig Config(GatewayOptions options, KafkaOptions kafka)
    {
        ProducerConfig config = KafkaClientSettings.Producer(kafka, "carousel-gateway");
        config.MessageTimeoutMs = (int)(options.AcceptTimeLimit - TimeoutLag).TotalMilliseconds;
        config.QueueBufferingMaxMessages = options.LogBufferRecordsMax;
        config.QueueBufferingMaxKbytes = options.LogBufferKbytesMax;

        // After an outage the first order should find Kafka again soon, and the limit is a few seconds only.
        config.ReconnectBackoffMaxMs = 1_000;
        config.DeliveryReportFields = "none";
        return config;
    }

    public async Task AppendAsync(OrderRecord record)
    {
        Interlocked.Increment(ref _waitingRecords);
        Interlocked.Add(ref _waitingBytes, record.Value.Length);
        try
        {
            await _producer.ProduceAsync(_topic, ToMessage(record));
            Interlocked.Exchange(ref _reachedAt, _time.GetTimestamp());
        }
        catch (ProduceException<byte[], byte[]> e)
        {
            throw Failure(e);
        }
        catch (ObjectDisposedException e)
        {
            throw new OrderLogException(OrderLogFailure.NotWritten, "the producer is being replaced", e);
        }
        finally
        {
            Interlocked.Decrement(ref _waitingRecords);
            Interlocked.Add(ref _waitingBytes, -record.Value.Length);
        }
    }

    public override void Dispose()
    {
        // The container disposes of it once for each role it was registered in.
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            base.Dispose();
            Close(_producer);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ProbeInterval, _time);
        do
        {
            if (_failedForGood)
            {
                Replace();
            }

            if (_time.GetElapsedTime(Interlocked.Read(ref _reachedAt)) >= ProbeInterval)
            {
                // GetMetadata blocks its thread for up to the timeout.
                await Task.Run(Probe, stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static Message<byte[], byte[]> ToMessage(OrderRecord record)
    {
        var headers = new Headers { { OrderHeaders.Client, Encoding.UTF8.GetBytes(record.Client) } };
        if (record.TraceParent is not null)
        {
            headers.Add(OrderHeaders.TraceParent, Encoding.ASCII.GetBytes(record.TraceParent));
        }

        if (record.TraceState is { Length: > 0 })
        {
            headers.Add(OrderHeaders.TraceState, Encoding.ASCII.GetBytes(record.TraceState));
        }

        return new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(record.Key), Value = record.Value, Headers = headers };
    }

    private OrderLogException Failure(ProduceException<byte[], byte[]> e)
    {
        if (_throttle.TryPass(out int suppressed))
        {
            LogNotWritten(_topic, e.Error.Code, e.Error.Reason, suppressed);
        }

        OrderLogFailure failure = e switch
        {
            { Error.Code: ErrorCode.Local_QueueFull } => OrderLogFailure.BufferFull,
            { DeliveryResult.Status: PersistenceStatus.NotPersisted } => OrderLogFailure.NotWritten,
            _ => OrderLogFailure.Unknown,
        };
        return new OrderLogException(failure, e.Error.Reason, e);
    }

    private IProducer<byte[], byte[]> BuildProducer() => new ProducerBuilder<byte[], byte[]>(_config)
        .SetErrorHandler((_, error) =>
        {
            if (error.IsFatal)
            {
                LogFailedForGood(error.Code, error.Reason);
                _failedForGood = true;
            }
            else if (_throttle.TryPass(out int suppressed))
            {
                LogTrouble(error.Code, error.Reason, suppressed);
            }
        })
        .SetLogHandler((_, message) => LogClient(message.Facility, message.Message))
        .Build();

    private void Replace()
    {
        IProducer<byte[], byte[]> failed = _producer;
        _failedForGood = false;
        _producer = BuildProducer();
        Close(failed);
    }

    /// <summary>A producer that failed for good has refused its records already; the flush waits for their reports.</summary>
    private static void Close(IProducer<byte[], byte[]> producer)
    {
        producer.Flush(ProbeTimeout);
        producer.Dispose();
    }

    private void Probe()
    {
        try
        {
            using IAdminClient admin = new DependentAdminClientBuilder(_producer.Handle).Build();
            Metadata metadata = admin.GetMetadata(_topic, ProbeTimeout);
            if (metadata.Topics.Any(topic => topic.Topic == _topic && topic.Error.Code == ErrorCode.NoError && topic.Partitions.Count > 0))
            {
                Interlocked.Exchange(ref _reachedAt, _time.GetTimestamp());
            }
            else if (_throttle.TryPass(out _))
            {
                LogTopicMissing(_topic);
            }
        }
        catch (KafkaException e)
        {
            LogProbeFailed(e.Error.Code, e.Error.Reason);
        }
    }
}
