using Carousel.Registry.Server.Apis;
using Carousel.Registry.Server.Catalog;
using Carousel.Registry.Server.Log;
using Carousel.Registry.Server.Log.InMemory;
using Carousel.Registry.Server.Log.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Carousel.Registry.Server;

/// <summary>
/// A schema registry with Confluent's REST API. Host it with <c>await app.StartAsync(); await RegistryServer.WaitUntilReadyAsync(app, token);
/// await app.WaitForShutdownAsync(token)</c>. Until it is ready it answers 503.
/// </summary>
public static class RegistryServer
{
    /// <summary>What is read of a body that is too large, so that its sender gets an answer; beyond, the connection is closed.</summary>
    private const long DroppedBytesMax = 32 * 1024 * 1024;

    /// <summary>A server over the topic in Kafka. <paramref name="configure"/> runs last: logging, telemetry, another TimeProvider.</summary>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">A setting is out of range; the message says which.</exception>
    public static WebApplication Build(RegistryOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        return Build(
            options,
            services => new KafkaSchemasLog(
                options, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<KafkaSchemasLog>>()),
            configure);
    }

    /// <summary>A server that needs no Kafka and forgets everything when it stops: for tests of what talks to a registry.</summary>
    public static WebApplication BuildInMemory(RegistryOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        return Build(options, _ => new InMemorySchemasLog(new InMemorySchemasTopic()), configure);
    }

    /// <summary>Ends when everything stored has been read and requests are served.</summary>
    /// <exception cref="RegistryStartupException">It won't serve; the message says why and what to do.</exception>
    public static Task WaitUntilReadyAsync(WebApplication app, CancellationToken cancellationToken)
    {
        return app.Services.GetRequiredService<RegistryLoop>().WaitUntilReadyAsync(cancellationToken);
    }

    internal static WebApplication Build(
        RegistryOptions options, Func<IServiceProvider, ISchemasLog> log, Action<WebApplicationBuilder>? configure = null)
    {
        options.Validate();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(options.ListenUrl);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = DroppedBytesMax;
        });
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton<SchemaCatalog>();
        builder.Services.AddSingleton<RegistryCommands>();
        builder.Services.AddSingleton<ApiPipeline>();
        builder.Services.AddSingleton<RegistryLoop>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RegistryLoop>());
        configure?.Invoke(builder);

        var app = builder.Build();
        RegistryApi.Map(app);
        return app;
    }
}
