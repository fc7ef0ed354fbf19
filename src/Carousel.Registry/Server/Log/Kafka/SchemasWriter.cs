using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Registry.Server.Log.Kafka;

/// <summary>
/// Appends one decision at a time, each in a transaction under the id that all instances share. Opening a producer fences the others and ends
/// what they left open; reading up to the end afterwards shows all they committed; so a decision made then is committed only if nobody else has
/// opened a producer since. Whoever is fenced opens anew, reads on and decides again. One loop owns it.
/// </summary>
internal sealed partial class SchemasWriter(RegistryOptions options, SchemasReader reader, ILogger logger) : IDisposable
{
    // A commit that took longer may have been sent twice by librdkafka, and the late copy would end the next transaction early
    // (KAFKA-17754). A fresh producer's epoch fences the late copy.
    private static readonly TimeSpan CommitInDoubtAfter = TimeSpan.FromMilliseconds(70);
    private static readonly TimeSpan AttemptMin = TimeSpan.FromMilliseconds(50);

    private readonly ILogger _logger = logger;
    private IProducer<byte[], byte[]?>? _producer;

    /// <summary>Returns once the decision's records, if any, are stored and read back.</summary>
    /// <exception cref="SchemasLogException">It couldn't be done before the deadline.</exception>
    public async Task<T> AppendAsync<T>(Func<Decision<T>> decide, Deadline deadline)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(decide, deadline);
            }
            catch (Exception exception) when (exception is KafkaException or OperationCanceledException)
            {
                Discard();
                if (deadline.Left <= AttemptMin || (exception is KafkaException { Error.IsFatal: true } fatal && !IsFenced(fatal.Error)))
                {
                    throw Failure(exception);
                }

                LogAttemptFailed(exception, attempt, options.Topic, exception.Message);
                await BackOffAsync(attempt, deadline);
            }
        }
    }

    public void Dispose()
    {
        Discard();
    }

    private async Task<T> AttemptAsync<T>(Func<Decision<T>> decide, Deadline deadline)
    {
        var producer = _producer ??= Open(deadline);
        await reader.WaitForAsync(reader.QueryEnd(deadline.Left), deadline.Token);
        var decision = decide();
        if (decision.Entries.Count == 0)
        {
            return decision.Result;
        }

        long lastOffset = -1;
        producer.BeginTransaction();
        foreach (var (key, value) in decision.Entries)
        {
            producer.Produce(
                new TopicPartition(options.Topic, new Partition(0)),
                new Message<byte[], byte[]?> { Key = key, Value = value },
                report => Interlocked.Exchange(ref lastOffset, report.Offset.Value));
        }

        var started = Stopwatch.GetTimestamp();
        producer.CommitTransaction(deadline.Left);
        if (Stopwatch.GetElapsedTime(started) > CommitInDoubtAfter)
        {
            Discard();
        }

        await reader.WaitForAsync(Interlocked.Read(ref lastOffset) + 1, deadline.Token);
        return decision.Result;
    }

    private IProducer<byte[], byte[]?> Open(Deadline deadline)
    {
        var producer = new ProducerBuilder<byte[], byte[]?>(SchemasTopic.ProducerConfig(options))
            .SetLogHandler((_, message) => LogLibrary(message.Message))
            .SetErrorHandler((_, error) => LogLibrary(error.Reason))
            .Build();
        try
        {
            producer.InitTransactions(deadline.Left);
            return producer;
        }
        catch (KafkaException)
        {
            producer.Dispose();
            throw;
        }
    }

    private void Discard()
    {
        _producer?.Dispose();
        _producer = null;
    }

    // Two instances that keep fencing each other need unequal pauses, or neither ever commits.
    private static async Task BackOffAsync(int attempt, Deadline deadline)
    {
        var limit = Math.Min(20 << Math.Min(attempt, 5), deadline.Left.TotalMilliseconds);
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * Math.Max(0, limit)), TimeProvider.System, CancellationToken.None);
    }

    private static bool IsFenced(Error error)
    {
        return error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;
    }

    private SchemasLogException Failure(Exception exception)
    {
        var reason = exception is KafkaException kafka ? kafka.Error.Reason : "no answer in time";
        return new SchemasLogException(
            $"Kafka at {options.BootstrapServers} didn't confirm the write to topic '{options.Topic}' within {options.WriteTimeout.TotalSeconds:0.#} s "
            + $"({reason}). It may be stored or not; repeating the request is safe.", isTimeout: true, exception);
    }

    [LoggerMessage(EventId = 3020, Level = LogLevel.Information, Message = "Attempt {Attempt} to append to topic {Topic} failed and is repeated: {Reason}")]
    private partial void LogAttemptFailed(Exception exception, int attempt, string topic, string reason);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Debug, Message = "librdkafka: {Reason}")]
    private partial void LogLibrary(string reason);
}
