using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using Carousel.Broker.Hosting.Composition;
using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Transactions;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Hosting;

/// <summary>
/// A Kafka broker of one node, in this process. It is open, recovered and listening from <see cref="OpenAsync"/> until it is disposed; it replicates nothing.
/// </summary>
public sealed partial class Broker : IAsyncDisposable
{
    private static readonly BrokerFeatures Features = new(
        Epoch: 1,
        [new BrokerFeature(TransactionFeature.Name, TransactionFeature.LevelMin, TransactionFeature.LevelMax, TransactionFeature.LevelFinalized)]);

    private readonly BrokerOptions _options;
    private readonly ILogger _logger;
    private readonly BrokerCore _core;
    private readonly BrokerMetrics _metrics;
    private readonly ConnectionRegistry _connections;
    private readonly CancellationTokenSource _stopping = new();
    private BrokerListener? _listener;
    private Task _sweeping = Task.CompletedTask;

    private Broker(BrokerOptions options, BrokerCore core, ILoggerFactory loggers, IMeterFactory meters, TimeProvider time)
    {
        (_options, _core, _logger) = (options, core, loggers.CreateLogger<Broker>());
        var requests = new RequestMemory(options.RequestMemoryBytesMax, options.RetainedBytesMax);
        var responses = new MemoryBudget(options.FetchMemoryBytesMax);
        _metrics = new BrokerMetrics(meters, requests, responses);
        var apis = new ApiTable(BrokerApis.Of(core, options, responses, time, _stopping.Token), Features);
        var services = new ConnectionServices(apis, requests, options.Limits, _metrics, _logger, time);
        _connections = new ConnectionRegistry(services, responses, options.ConnectionsMax);
    }

    /// <summary>Where clients connect to, as they are told.</summary>
    public string BootstrapServers => BrokerOptions.Endpoint(_core.Node.Host, _core.Node.Port);

    /// <summary>The port it listens on.</summary>
    public int Port => _listener!.Port;

    internal ConnectionRegistry Connections => _connections;

    /// <summary>Opens the data directory, recovers it, and then listens.</summary>
    /// <exception cref="ValidationException">The options can't be; the message says which and why.</exception>
    /// <exception cref="BrokerException">The directory can't be used, or the port is taken; the message says why.</exception>
    public static Task<Broker> OpenAsync(
        BrokerOptions options, ILoggerFactory loggers, IMeterFactory meters, TimeProvider time, CancellationToken cancellationToken) =>
        OpenAsync(options, new PhysicalFileSystem(), loggers, meters, time, cancellationToken);

    internal static async Task<Broker> OpenAsync(
        BrokerOptions options, IFileSystem files, ILoggerFactory loggers, IMeterFactory meters, TimeProvider time, CancellationToken cancellationToken)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        long started = time.GetTimestamp();
        try
        {
            BrokerCore core = await BrokerCore.OpenAsync(options, files, loggers, time, cancellationToken);
            var broker = new Broker(options, core, loggers, meters, time);
            try
            {
                await broker.ListenAsync(loggers, cancellationToken);
                LogOpened(broker._logger, broker.BootstrapServers, core.Node.LogDirectory, options.FlushMode, core.Topics.All.Count, time.GetElapsedTime(started));
                return broker;
            }
            catch
            {
                await broker.DisposeAsync();
                throw;
            }
        }
        catch (Exception e) when (e is DataDirectoryException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new BrokerException($"The broker can't start: {e.Message}", e);
        }
    }

    /// <summary>Completes when cancelled.</summary>
    /// <exception cref="BrokerException">The disk failed: the broker must end, and be opened again to find out what is on it.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAny(_core.Failed, _sweeping).Unwrap().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how it ends when it is told to.
        }
        catch (Exception e)
        {
            LogFailed(_logger, e);
            throw new BrokerException($"The broker can't go on: {e.Message}", e);
        }
    }

    /// <summary>Answers what has begun, closes the connections, flushes and closes the data directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _sweeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _core.StopCoordinatorsAsync();
            await _connections.StopAsync(_options.StopGrace);
            await (_listener?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        finally
        {
            await _core.DisposeAsync();
            _metrics.Dispose();
            _stopping.Dispose();
        }
    }

    private async Task ListenAsync(ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        // Whoever connects is told where the broker is, so that must be known before anybody can: the port is, unless a free one was asked for.
        _core.Node.Host = _options.AdvertisedHost ?? (_options.ListenAddress == "localhost" ? "127.0.0.1" : _options.ListenAddress);
        _core.Node.Port = _options.AdvertisedPort ?? _options.Port;
        _listener = await BrokerListener.StartAsync(_options, _connections, loggers, cancellationToken);
        _core.Node.Port = _options.AdvertisedPort ?? _listener.Port;
        _sweeping = _connections.RunAsync(_stopping.Token);
    }
}
