using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Registry.Server.Log.Kafka;

/// <summary>
/// Reads the topic from its start, committed records only, and lets others wait until it has come to an offset. Its own thread owns the
/// consumer's position; the position and the waiters are under one lock.
/// </summary>
internal sealed partial class SchemasReader : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(long Position, TaskCompletionSource Reached)> _waiters = [];
    private readonly IConsumer<byte[], byte[]?> _consumer;
    private readonly TopicPartition _partition;
    private readonly ILogger _logger;
    private long _position;

    public SchemasReader(RegistryOptions options, ILogger logger)
    {
        _logger = logger;
        _partition = new TopicPartition(options.Topic, new Partition(0));
        _consumer = new ConsumerBuilder<byte[], byte[]?>(SchemasTopic.ConsumerConfig(options))
            .SetLogHandler((_, message) => LogLibrary(message.Message))
            .SetErrorHandler((_, error) => LogLibrary(error.Reason))
            .Build();
    }

    /// <summary>Blocks its thread until cancelled.</summary>
    public void Run(Action<LogEntry> apply, CancellationToken cancellationToken)
    {
        _consumer.Assign(new TopicPartitionOffset(_partition, Offset.Beginning));
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                ReadOne(apply, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host is stopping, which is the only way out of this loop.
        }
        finally
        {
            _consumer.Close();
        }
    }

    /// <summary>The offset after the last record that is visible now. Blocks for up to the time given.</summary>
    /// <exception cref="KafkaException">Kafka gave no answer.</exception>
    public long QueryEnd(TimeSpan timeout)
    {
        return _consumer.QueryWatermarkOffsets(_partition, timeout).High.Value;
    }

    /// <summary>Ends when every record before this offset has been applied.</summary>
    public Task WaitForAsync(long position, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_position >= position)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((position, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _consumer.Dispose();
    }

    private void ReadOne(Action<LogEntry> apply, CancellationToken cancellationToken)
    {
        try
        {
            var result = _consumer.Consume(cancellationToken);
            if (result.IsPartitionEOF)
            {
                Advance(result.Offset.Value);
                return;
            }

            if (result.Message.Key is { } key)
            {
                apply(new LogEntry(key, result.Message.Value));
            }

            Advance(result.Offset.Value + 1);
        }
        catch (ConsumeException exception)
        {
            // librdkafka goes on by itself after every error that isn't fatal; writes notice because they wait for this position.
            LogReadFailed(exception, _partition.Topic, exception.Error.Reason);
            if (exception.Error.IsFatal)
            {
                throw;
            }
        }
    }

    private void Advance(long position)
    {
        lock (_lock)
        {
            _position = Math.Max(_position, position);
            foreach (var (_, reached) in _waiters.Where(each => each.Position <= _position))
            {
                reached.TrySetResult();
            }

            _waiters.RemoveAll(each => each.Reached.Task.IsCompleted);
        }
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Warning, Message = "Reading topic {Topic} failed and goes on: {Reason}")]
    private partial void LogReadFailed(Exception exception, string topic, string reason);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Debug, Message = "librdkafka: {Reason}")]
    private partial void LogLibrary(string reason);
}
