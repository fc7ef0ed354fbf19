using Carousel.Registry.Server.Catalog;
using Carousel.Registry.Server.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Carousel.Registry.Server;

/// <summary>Runs the log as long as the host runs; a start that takes too long, or a log that can't be used, ends the host.</summary>
internal sealed partial class RegistryLoop(
    ISchemasLog log, SchemaCatalog catalog, RegistryOptions options, TimeProvider clock, ILogger<RegistryLoop> logger) : BackgroundService
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger<RegistryLoop> _logger = logger;

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        return _ready.Task.WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var running = log.RunAsync(catalog.Apply, stopping.Token);
        try
        {
            var caughtUp = log.WaitUntilCaughtUpAsync(stopping.Token).WaitAsync(options.StartupTimeout, clock, stopping.Token);
            await await Task.WhenAny(running, caughtUp);
            _ready.TrySetResult();
            await running;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            _ready.TrySetCanceled(stoppingToken);
        }
        catch (TimeoutException exception)
        {
            var failure = new RegistryStartupException(
                $"The registry couldn't read topic '{options.Topic}' from Kafka at {options.BootstrapServers} within "
                + $"{options.StartupTimeout.TotalSeconds:0.#} s; check that Kafka runs there.", exception);
            await stopping.CancelAsync();
            await EndAsync(running);
            Fail(failure);
            throw failure;
        }
        catch (Exception exception)
        {
            var failure = new RegistryStartupException(exception.Message, exception);
            Fail(failure);
            throw failure;
        }
    }

    private async Task EndAsync(Task running)
    {
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            LogStopped();
        }
    }

    private void Fail(RegistryStartupException failure)
    {
        LogFailed(failure, failure.Message);
        _ready.TrySetException(failure);

        // Whoever hosts the registry may not ask; an unobserved failure must not come up again in the finalizer.
        _ = _ready.Task.Exception;
    }

    [LoggerMessage(EventId = 3040, Level = LogLevel.Error, Message = "The registry stops: {Reason}")]
    private partial void LogFailed(Exception exception, string reason);

    [LoggerMessage(EventId = 3041, Level = LogLevel.Information, Message = "The registry's log has ended")]
    private partial void LogStopped();
}
