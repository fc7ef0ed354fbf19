using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Carousel.Broker.Hosting;
using Carousel.Testing;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Tests.Hosting;

/// <summary>A whole broker on a free port, with its data in a folder that goes with it.</summary>
internal sealed class RunningBroker : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly TestMeters _meters = new();
    public string Directory { get; } = Path.Combine(Path.GetTempPath(), $"carousel-broker-{Guid.NewGuid():N}");
    private readonly LoggerFactory _loggers = new();
    private Broker.Hosting.Broker? _broker;
    private bool _isDisposed;

    private RunningBroker() => _loggers.AddProvider(new CapturedLogProvider(Log));

    public CapturedLog Log { get; } = new();

    public IMeterFactory Meters => _meters;

    public ConnectionRegistry Connections => _broker!.Connections;

    public int Port => _broker!.Port;

    public static async Task<RunningBroker> StartAsync(Action<BrokerOptions>? configure = null)
    {
        var running = new RunningBroker();
        var options = new BrokerOptions { DataDirectory = running.Directory, Port = 0, FlushMode = BrokerFlushMode.OperatingSystem };
        configure?.Invoke(options);
        running._broker = await Broker.Hosting.Broker.OpenAsync(options, running._loggers, running._meters, TimeProvider.System, CancellationToken.None)
            .WithinAsync("the broker listens", StartTimeout);
        return running;
    }

    /// <summary>A connection to any broker.</summary>
    public static async Task<TestClient> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        return new TestClient(new DuplexPipe(PipeReader.Create(stream), PipeWriter.Create(stream)));
    }

    /// <summary>Stops the broker; safe to call again.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await (_broker?.DisposeAsync().AsTask() ?? Task.CompletedTask).WithinAsync("the broker stops", StartTimeout);
        _loggers.Dispose();
        _meters.Dispose();
        if (System.IO.Directory.Exists(Directory))
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    private sealed class CapturedLogProvider(CapturedLog log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
        }
    }
}
