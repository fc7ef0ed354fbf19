using System.ComponentModel.DataAnnotations;
using System.Net;
using Carousel.PaymentSimulator.Apis;
using Carousel.PaymentSimulator.Faults;
using Carousel.PaymentSimulator.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Carousel.PaymentSimulator;

/// <summary>
/// The payment provider to develop and test against: an HTTP service with a durable ledger, Stripe-like idempotency and faults to order.
/// It runs in a process of its own, so that it survives (or doesn't) independently of the services that call it.
/// </summary>
public static class PaymentSimulatorServer
{
    private const int StreamsPerConnectionMax = 10_000;
    private const int ConnectionWindowBytes = 4 * 1024 * 1024;

    /// <summary>Opens the ledger and composes the server, not yet started. Disposing the application closes the ledger.</summary>
    /// <exception cref="ValidationException">An option is out of its range.</exception>
    /// <exception cref="PaymentSimulatorException">The ledger is in use by another process, or damaged.</exception>
    public static WebApplication Build(PaymentSimulatorOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        Check(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddSimpleConsole(static console => console.SingleLine = true);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);

        // Otherwise an Activity and a scope are made for every request only so that a log line could carry them.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => new FaultState(options.Faults, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services => ChargeLedger.Open(
            options.DataDirectory, options.LedgerQueueMax, options.LedgerLinger, services.GetRequiredService<ILogger<ChargeLedger>>()));
        builder.Services.AddSingleton<IConnectionListenerFactory, RefusingTransport>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        configure?.Invoke(builder);
        var app = builder.Build();
        try
        {
            app.Run(Compose(app.Services, options).HandleAsync);
            return app;
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }
    }

    /// <summary>Where charges are taken (HTTP/2, prior knowledge) and where people go (HTTP/1.1); known once the server has started.</summary>
    public static (Uri Charges, Uri Admin) Addresses(WebApplication app)
    {
        var urls = app.Urls.ToArray();
        return urls.Length == 2
            ? (new Uri(urls[0]), new Uri(urls[1]))
            : throw new InvalidOperationException("The payment simulator has no addresses before it has started.");
    }

    private static void Check(PaymentSimulatorOptions options)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        var errors = options.Faults.Validate();
        if (errors.Count > 0)
        {
            throw new ValidationException("Faults: " + string.Join(' ', errors.Values));
        }

        if (AdminPort(options) is > 65535)
        {
            throw new ValidationException($"AdminPort is Port + 1 by default, and Port {options.Port} has no port after it: set AdminPort.");
        }
    }

    private static int AdminPort(PaymentSimulatorOptions options) =>
        options.AdminPort ?? (options.Port == 0 ? 0 : options.Port + 1);

    private static void Listen(KestrelServerOptions kestrel, PaymentSimulatorOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnectionMax;
        kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        kestrel.Limits.MaxRequestBodySize = RequestBody.BytesMax * 4;
        kestrel.Listen(new ChargeEndPoint(options.Port), static listen => listen.Protocols = HttpProtocols.Http2);
        kestrel.Listen(IPAddress.Loopback, AdminPort(options), static listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static Router Compose(IServiceProvider services, PaymentSimulatorOptions options)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var faults = services.GetRequiredService<FaultState>();
        var ledger = services.GetRequiredService<ChargeLedger>();
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var answers = new FaultyAnswers(faults, options.HangMax, time, stopping);
        return new Router(
            ledger,
            new ChargeApi(ledger, faults, answers, time),
            new RefundApi(ledger, faults, answers, time),
            new LedgerApi(ledger),
            new FaultsApi(faults));
    }
}
