using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Broker.Hosting;

/// <summary>Kestrel, which accepts connections on a loopback address. It hosts nothing else: no HTTP.</summary>
internal sealed class BrokerListener : IAsyncDisposable
{
    private readonly WebApplication _host;

    private BrokerListener(WebApplication host, int port) => (_host, Port) = (host, port);

    /// <summary>The port it listens on, also where a free one was asked for.</summary>
    public int Port { get; }

    /// <summary>Returns when connections are accepted.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<BrokerListener> StartAsync(
        BrokerOptions options, ConnectionRegistry connections, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (!BrokerOptions.TryGetLoopback(options.ListenAddress, out IPAddress address))
        {
            throw new ArgumentException($"{options.ListenAddress} isn't a loopback address.", nameof(options));
        }

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new ListenerLoggers(loggers));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(new BrokerConnectionHandler(connections));
        builder.WebHost.UseKestrelCore();
        builder.Services.Replace(ServiceDescriptor.Singleton<IMemoryPoolFactory<byte>>(new TransportMemoryPoolFactory()));

        // A request is worked on by the thread that received it: on few cores each hand-over costs more than the work between two of them.
        builder.Services.Configure<SocketTransportOptions>(socket => socket.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(address, options.Port, listen => listen.UseConnectionHandler<BrokerConnectionHandler>());
        });

        WebApplication host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
            string bound = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            return new BrokerListener(host, new Uri(bound).Port);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Accepts no more, and cuts what is still open: stop the connections before.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Kestrel announces every address as one of HTTP, which this isn't; the broker has its own line.</summary>
    private sealed class ListenerLoggers(ILoggerFactory loggers) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) =>
            categoryName == "Microsoft.Hosting.Lifetime" ? NullLogger.Instance : loggers.CreateLogger(categoryName);

        public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

        public void Dispose()
        {
            // They belong to whoever runs the broker.
        }
    }

    /// <summary>The process and its signals belong to whoever runs the broker.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
