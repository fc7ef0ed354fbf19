using System.Net;
using Carousel.Gateway.Apis;
using Carousel.Gateway.Intake;
using Carousel.Gateway.OrderLog;
using Carousel.Gateway.Problems;
using Carousel.Gateway.Security;
using Carousel.Gateway.Status;
using Carousel.Kafka;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Carousel.Gateway;

/// <summary>Composes the gateway: a web application of its own, to be run alone or beside others in one process.</summary>
public static class GatewayServer
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string TelemetryName = GatewayMetrics.Name;

    /// <summary>
    /// The gateway, not started. Its start waits for the registry up to <see cref="GatewayOptions.RegistryWait"/>; the topics have to exist.
    /// Its address is in <c>app.Urls</c> after the start. Disposing of it writes out what is on its way, for up to 2 s.
    /// </summary>
    /// <param name="configure">Logging, telemetry and whatever else the host wants; nothing is read from files or the environment otherwise.</param>
    /// <exception cref="GatewayOptionsException">The options can't work; the message says what to do.</exception>
    public static WebApplication Build(
        GatewayOptions options,
        KafkaOptions kafka,
        ISchemaRegistry registry,
        IOrderStatusReader statusReader,
        Action<WebApplicationBuilder>? configure = null) => Build(options, registry, statusReader, builder =>
    {
        configure?.Invoke(builder);
        builder.Services.AddSingleton(kafka);
        builder.Services.AddSingleton<KafkaOrderLog>();
        builder.Services.AddSingleton<IOrderLog>(services => services.GetRequiredService<KafkaOrderLog>());
        builder.Services.AddHostedService(services => services.GetRequiredService<KafkaOrderLog>());
    });

    /// <summary>The gateway on whatever <see cref="IOrderLog"/> the callback adds.</summary>
    internal static WebApplication Build(
        GatewayOptions options, ISchemaRegistry registry, IOrderStatusReader statusReader, Action<WebApplicationBuilder> configure)
    {
        IPEndPoint address = GatewayOptionsCheck.Check(options);
        byte[] orderIdKey = OrderIdKey.Load(options);

        // An empty builder, so that no setting of the surroundings (ASPNETCORE_URLS, Kestrel:Endpoints) opens another address than the one checked.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(GatewayServer).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, options, address));
        configure(builder);
        AddServices(builder.Services, options, registry, statusReader, orderIdKey);
        WebApplication app = builder.Build();

        // Made now, so that a wrong key entry is an error of Build and not of the first request.
        app.Services.GetRequiredService<ApiKeyRing>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.UseMiddleware<ClientMiddleware>();
        Routes.Map(app);
        return app;
    }

    private static void Limit(KestrelServerOptions kestrel, GatewayOptions options, IPEndPoint address)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.ConnectionsMax;
        kestrel.Limits.MaxRequestBodySize = options.BodyBytesMax;
        kestrel.Listen(address);
    }

    private static void AddServices(
        IServiceCollection services, GatewayOptions options, ISchemaRegistry registry, IOrderStatusReader statusReader, byte[] orderIdKey)
    {
        services.AddRouting();
        services.AddMetrics();
        services.AddLogging();
        services.AddOpenApi("v1", OrderDocument.Configure);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(registry);
        services.AddSingleton(statusReader);
        services.AddSingleton(provider => new OrderIdMint(orderIdKey, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new CarouselTopics(options.TopicPrefix));
        services.AddSingleton<OrderValues>();
        services.AddSingleton<SchemaRegistration>();
        services.AddHostedService(provider => provider.GetRequiredService<SchemaRegistration>());
        services.AddSingleton<ApiKeyRing>();
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<StatusLookup>();
        services.AddSingleton<OrderWatches>();
        services.AddSingleton(new RecentOrders(options.RecentOrdersMax));
        services.AddSingleton<OrderIntake>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<PostOrderApi>();
        services.AddSingleton<PostBatchApi>();
        services.AddSingleton<GetOrderApi>();
        services.AddSingleton<OrderEventsApi>();
        services.AddSingleton<HealthApi>();
    }
}
