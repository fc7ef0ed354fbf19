using System.Diagnostics.Metrics;
using System.Text.Json;
using Carousel.Fulfillment.Payments;
using Carousel.PaymentSimulator;
using Carousel.PaymentSimulator.Faults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Carousel.Fulfillment.Tests.Payments;

/// <summary>The real simulator on free ports, with our client in front of it.</summary>
internal sealed class SimulatedProvider : IAsyncDisposable
{
    public static readonly FaultSettings NoFaults = new() { Latency = new LatencySettings { Distribution = LatencyDistribution.None } };
    private readonly string _directory;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly int _port;
    private WebApplication _app;
    private bool _isRunning = true;

    private SimulatedProvider(string directory, WebApplication app, TimeSpan callTimeout)
    {
        _directory = directory;
        _app = app;
        _port = PaymentSimulatorServer.Addresses(app).Charges.Port;
        Gateway = NewGateway(callTimeout);
    }

    public HttpPaymentGateway Gateway { get; }

    public static async Task<SimulatedProvider> StartAsync(FaultSettings? faults = null, TimeSpan? callTimeout = null)
    {
        var directory = Directory.CreateTempSubdirectory("carousel-fulfillment-").FullName;
        return new SimulatedProvider(directory, await RunAsync(directory, 0, faults ?? NoFaults), callTimeout ?? TimeSpan.FromSeconds(10));
    }

    public HttpPaymentGateway NewGateway(TimeSpan callTimeout) => new(
        new PaymentGatewayOptions { Endpoint = PaymentSimulatorServer.Addresses(_app).Charges, CallTimeout = callTimeout },
        new PaymentMetrics(_services.GetRequiredService<IMeterFactory>()),
        TimeProvider.System);

    public static ChargeRequest Request(string orderId, string token = "tok_visa", decimal amount = 12.34m) =>
        new($"{orderId}:charge:1", orderId, amount, "GBP", token);

    /// <summary>After <see cref="StopAsync"/>: the same directory and port again.</summary>
    public async Task RestartAsync()
    {
        _app = await RunAsync(_directory, _port, NoFaults);
        _isRunning = true;
    }

    public async Task StopAsync()
    {
        if (_isRunning)
        {
            _isRunning = false;
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }

    public async Task SetFaultsAsync(string json)
    {
        using var http = new HttpClient();
        using var content = new StringContent(json);
        using var response = await http.PutAsync(new Uri(PaymentSimulatorServer.Addresses(_app).Admin, "/faults"), content);
        response.EnsureSuccessStatusCode();
    }

    public async Task<IReadOnlyList<(string Kind, string Reference)>> LedgerAsync()
    {
        using var http = new HttpClient();
        var lines = await http.GetStringAsync(new Uri(PaymentSimulatorServer.Addresses(_app).Admin, "/v1/ledger"));
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .Select(static entry => (entry.GetProperty("kind").GetString()!, entry.GetProperty("reference").GetString()!))];
    }

    public async Task RefundAsync(string paymentId)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(PaymentSimulatorServer.Addresses(_app).Admin, $"/v1/charges/{paymentId}/refund"));
        request.Headers.Add("Idempotency-Key", paymentId + ":refund:1");
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        Gateway.Dispose();
        await StopAsync();
        await _services.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<WebApplication> RunAsync(string directory, int port, FaultSettings faults)
    {
        var app = PaymentSimulatorServer.Build(new PaymentSimulatorOptions
        {
            DataDirectory = directory,
            Port = port,
            AdminPort = 0,
            Faults = faults,
            HangMax = TimeSpan.FromSeconds(20),
        });
        await app.StartAsync();
        return app;
    }
}
