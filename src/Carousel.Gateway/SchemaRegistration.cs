using Carousel.Orders.Avro;

namespace Carousel.Gateway;

/// <summary>Registers the schema of orders before the server listens, and waits, bounded, for a registry that isn't up yet.</summary>
internal sealed partial class SchemaRegistration(OrderValues values, GatewayOptions options, TimeProvider time, ILogger<SchemaRegistration> logger)
    : IHostedLifecycleService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private volatile bool _done;

    public bool IsDone => _done;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        while (!_done)
        {
            try
            {
                await values.Orders.RegisterAsync(cancellationToken);
                _done = true;
            }
            catch (RegistryUnavailableException e) when (time.GetElapsedTime(started) < options.RegistryWait)
            {
                LogWaiting(e.Message, options.RegistryWait.TotalSeconds);
                await Task.Delay(RetryDelay, time, cancellationToken);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
