using Carousel.Cli.Commands;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;
using Microsoft.Extensions.Logging;

namespace Carousel.Cli.Up;

/// <summary>
/// The whole pipeline on one machine: registry, validation, fulfillment and gateway in this process, the payment simulator in one of its own.
/// Started from the log outwards, so that each finds what it needs; stopped the other way round, so that what was accepted is finished.
/// </summary>
internal sealed class Pipeline : IAsyncDisposable
{
    private readonly List<RunningService> _services = [];
    private readonly RunningService? _broker;

    private Pipeline(RunningService? broker) => _broker = broker;

    /// <summary>Ends when one of the services ends, which none does by itself unless it failed.</summary>
    public Task Failure => Task.WhenAny(_services.Append(_broker).OfType<RunningService>().Select(service => service.Completion)).Unwrap();

    /// <param name="broker">The embedded broker, if that is what the settings point at: it has to outlive the pipeline, and its end ends the pipeline.</param>
    /// <param name="settings">Its addresses are set to the ports from <paramref name="port"/> on: gateway, registry, payments, payments for people.</param>
    public static async Task<Pipeline> StartAsync(
        ServiceContext context, RunningService? broker, int port, LogLevel log, CancellationToken cancellationToken)
    {
        CarouselSettings settings = context.Settings;
        settings.Gateway.Url = Url(port);
        settings.RegistryServer.ListenUrl = Url(port + 1);
        settings.Registry.Url = settings.RegistryServer.ListenUrl;
        settings.PaymentSimulator.Port = port + 2;
        settings.PaymentSimulator.AdminPort = port + 3;
        settings.Payments.Endpoint = new Uri(Url(port + 2));
        var pipeline = new Pipeline(broker);
        try
        {
            string ledger = Path.Combine(settings.DataDirectory, "payments");
            await pipeline.AddAsync(PipelineServices.StartRegistryAsync(context, cancellationToken));
            await pipeline.AddAsync(PaymentsProcess.StartAsync(ledger, port + 2, port + 3, log, cancellationToken));
            await pipeline.AddAsync(PipelineServices.StartValidationAsync(context, cancellationToken));
            await pipeline.AddAsync(PipelineServices.StartFulfillmentAsync(context, cancellationToken));
            await pipeline.AddAsync(PipelineServices.StartGatewayAsync(context, cancellationToken));
            return pipeline;
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the work, unless a service ends first: then what ended it is thrown.</summary>
    /// <param name="work">Its token says that a service has ended.</param>
    public async Task<T> WhileRunningAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        using var failed = new CancellationTokenSource();
        Task<T> working = work(failed.Token);
        Task failure = Failure;
        if (await Task.WhenAny(working, failure) == failure)
        {
            await failed.CancelAsync();
            await working.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await failure;
            throw new CommandFailedException("A service of the pipeline ended; see its log above.");
        }

        return await working;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RunningService service in Enumerable.Reverse(_services))
        {
            await service.DisposeAsync();
        }
    }

    private static string Url(int port) => $"http://127.0.0.1:{port}";

    private async Task AddAsync(Task<RunningService> service) => _services.Add(await service);
}
