using System.Threading.Channels;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Registry.Server.Log.Kafka;

/// <summary>
/// The log in a compacted Kafka topic. Two loops run in <see cref="RunAsync"/>: the reader applies records, the writer takes queued writes one
/// after another. Without Kafka reads go on from memory, and a write fails when its time is over.
/// </summary>
internal sealed partial class KafkaSchemasLog : ISchemasLog
{
    private readonly RegistryOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<KafkaSchemasLog> _logger;
    private readonly Channel<Func<SchemasWriter, Task>> _writes;
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public KafkaSchemasLog(RegistryOptions options, TimeProvider clock, ILogger<KafkaSchemasLog> logger)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        _writes = Channel.CreateBounded<Func<SchemasWriter, Task>>(
            new BoundedChannelOptions(options.WritesQueuedMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    }

    public string ClusterId { get; private set; } = string.Empty;

    public bool IsCaughtUp => _caughtUp.Task.IsCompletedSuccessfully;

    public async Task RunAsync(Action<LogEntry> apply, CancellationToken cancellationToken)
    {
        await EnsureTopicAsync(cancellationToken);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var reader = new SchemasReader(_options, _logger);
        var reading = Task.Factory.StartNew(
            () => reader.Run(apply, stopping.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            // The reading loop is awaited first, so that its failure isn't mistaken for a slow start.
            var first = await Task.WhenAny(reading, CatchUpAsync(reader, stopping.Token));
            await first;
            await Task.WhenAny(reading, WriteAsync(reader, stopping.Token)).Unwrap();
        }
        finally
        {
            await stopping.CancelAsync();
            await reading;
        }
    }

    public Task WaitUntilCaughtUpAsync(CancellationToken cancellationToken)
    {
        return _caughtUp.Task.WaitAsync(cancellationToken);
    }

    public async Task<T> AppendAsync<T>(Func<Decision<T>> decide, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);

        // The writing loop may still use the deadline after the caller has gone, so it is the loop's to dispose.
        var deadline = new Deadline(_options.WriteTimeout, _clock);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        if (!_writes.Writer.TryWrite(writer => ExecuteAsync(writer, decide, answer, deadline)))
        {
            deadline.Dispose();
            throw new SchemasLogException($"{_options.WritesQueuedMax} writes are waiting already; ask again in a moment.", isTimeout: false);
        }

        try
        {
            return await answer.Task.WaitAsync(waiting.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SchemasLogException($"Kafka at {_options.BootstrapServers} didn't confirm the write to topic '{_options.Topic}' within "
                + $"{_options.WriteTimeout.TotalSeconds:0.#} s. It may be stored or not; repeating the request is safe.", isTimeout: true, exception);
        }
    }

    public ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    // Kafka may come up after the registry, so only a topic that can't be used ends the attempts.
    private async Task EnsureTopicAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                ClusterId = await SchemasTopic.EnsureAsync(_options);
                return;
            }
            catch (KafkaException exception)
            {
                LogWaitingForKafka(exception, _options.BootstrapServers, exception.Error.Reason);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), _clock, cancellationToken);
        }
    }

    private async Task CatchUpAsync(SchemasReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var end = await Task.Run(() => reader.QueryEnd(TimeSpan.FromSeconds(5)), cancellationToken);
                await reader.WaitForAsync(end, cancellationToken);
                _caughtUp.TrySetResult();
                LogCaughtUp(_options.Topic, end);
                return;
            }
            catch (KafkaException exception)
            {
                LogWaitingForKafka(exception, _options.BootstrapServers, exception.Error.Reason);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), _clock, cancellationToken);
        }
    }

    private async Task WriteAsync(SchemasReader reader, CancellationToken cancellationToken)
    {
        using var writer = new SchemasWriter(_options, reader, _logger);
        await WarmUpAsync(writer);
        await foreach (var write in _writes.Reader.ReadAllAsync(cancellationToken))
        {
            await write(writer);
        }
    }

    // On a new cluster the first transaction takes seconds, because Kafka makes its own topic for them; no request should have to wait for that.
    private async Task WarmUpAsync(SchemasWriter writer)
    {
        using var deadline = new Deadline(_options.WriteTimeout, _clock);
        try
        {
            await writer.AppendAsync(() => new Decision<bool>(true, []), deadline);
        }
        catch (SchemasLogException exception)
        {
            LogWaitingForKafka(exception, _options.BootstrapServers, exception.Message);
        }
    }

    private static async Task ExecuteAsync<T>(SchemasWriter writer, Func<Decision<T>> decide, TaskCompletionSource<T> answer, Deadline deadline)
    {
        using var owned = deadline;

        // Nobody waits for a write that spent its time in the queue.
        if (deadline.Token.IsCancellationRequested)
        {
            return;
        }

        try
        {
            answer.TrySetResult(await writer.AppendAsync(decide, deadline));
        }
        catch (Exception exception)
        {
            // Whoever asked gets the failure, whatever it is; the loop serves the next.
            answer.TrySetException(exception);
        }
    }
}
