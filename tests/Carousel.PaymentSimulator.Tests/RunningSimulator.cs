using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Carousel.PaymentSimulator.Faults;
using Microsoft.AspNetCore.Builder;

namespace Carousel.PaymentSimulator.Tests;

/// <summary>A simulator on free ports with no latency, and a bare HTTP/2 client that does nothing clever.</summary>
internal sealed class RunningSimulator : IAsyncDisposable
{
    public static readonly FaultSettings NoFaults = new() { Latency = new LatencySettings { Distribution = LatencyDistribution.None } };
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private RunningSimulator(WebApplication app)
    {
        _app = app;
        (Charges, Admin) = PaymentSimulatorServer.Addresses(app);
        _http = new HttpClient
        {
            BaseAddress = Charges,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(20),
        };
    }

    public Uri Charges { get; }

    public Uri Admin { get; }

    public static async Task<RunningSimulator> StartAsync(TemporaryDirectory directory, FaultSettings? faults = null)
    {
        var app = PaymentSimulatorServer.Build(new PaymentSimulatorOptions
        {
            DataDirectory = directory.Path,
            Port = 0,
            Faults = faults ?? NoFaults,
            HangMax = TimeSpan.FromSeconds(1),
        });
        await app.StartAsync();
        return new RunningSimulator(app);
    }

    public static string Body(string reference, string amount = "12.34", string token = "tok_visa") =>
        $$"""{"reference":"{{reference}}","orderId":"ord-1","amount":"{{amount}}","currency":"GBP","token":"{{token}}"}""";

    public Task<HttpResponseMessage> ChargeAsync(string reference, string amount = "12.34", string token = "tok_visa") =>
        PostAsync("/v1/charges", Body(reference, amount, token), reference);

    public async Task<HttpResponseMessage> PostAsync(string path, string body, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await _http.SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(path, UriKind.Relative));

    /// <summary>Over HTTP/1.1, as curl would.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> AdminAsync(HttpMethod method, string path, string? body = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(Admin, path));
        request.Content = body is null ? null : new StringContent(body);
        using var response = await http.SendAsync(request);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    public async Task<string[]> LedgerAsync()
    {
        using var response = await GetAsync("/v1/ledger");
        return (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
