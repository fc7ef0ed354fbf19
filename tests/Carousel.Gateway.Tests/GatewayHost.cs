using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Carousel.Gateway.OrderLog;
using Carousel.Orders.Avro;

namespace Carousel.Gateway.Tests;

/// <summary>A gateway on a free port of real Kestrel, with fakes behind it.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly WebApplication _app;

    private GatewayHost(WebApplication app, FakeOrderLog log, FakeStatusReader statuses, FakeRegistry registry, CapturedLog lines)
    {
        (_app, Log, Statuses, Registry, Lines) = (app, log, statuses, registry, lines);
        Client = NewClient(null);
    }

    public FakeOrderLog Log { get; }

    public FakeStatusReader Statuses { get; }

    public FakeRegistry Registry { get; }

    public CapturedLog Lines { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static GatewayOptions Options() => new() { Url = "http://127.0.0.1:0", OrderIdKey = new string('a', 64) };

    public static async Task<GatewayHost> StartAsync(Action<GatewayOptions>? set = null, TimeProvider? time = null, FakeRegistry? registry = null)
    {
        GatewayOptions options = Options();
        set?.Invoke(options);
        var log = new FakeOrderLog();
        var statuses = new FakeStatusReader();
        var lines = new CapturedLog();
        registry ??= new FakeRegistry();
        WebApplication app = GatewayServer.Build(options, registry, statuses, builder =>
        {
            builder.Services.AddSingleton<IOrderLog>(log);
            builder.Services.AddSingleton(time ?? TimeProvider.System);
            builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(lines);
        });
        await app.StartAsync();
        return new GatewayHost(app, log, statuses, registry, lines);
    }

    public HttpClient NewClient(string? key)
    {
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 200 }) { BaseAddress = new Uri(_app.Urls.First()), Timeout = Patience };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    public Task<HttpResponseMessage> PostAsync(string body, string? idempotencyKey = null, HttpClient? client = null, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = Body(body, contentType) };
        if (idempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        }

        return (client ?? Client).SendAsync(request);
    }

    public async Task<(HttpStatusCode Status, JsonNode Body)> PostJsonAsync(string body, string? idempotencyKey = null, HttpClient? client = null)
    {
        using HttpResponseMessage response = await PostAsync(body, idempotencyKey, client);
        return (response.StatusCode, await JsonAsync(response));
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    public static ByteArrayContent Body(string text, string contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return content;
    }

    /// <summary>What the log got, read back with the codec that stages read it with.</summary>
    public async Task<Orders.Order> DecodeAsync(OrderRecord record)
    {
        Decoded<Orders.Order> decoded = await new OrderValues(new Orders.CarouselTopics(), Registry).Orders.DecodeAsync(record.Value, CancellationToken.None);
        Assert.Null(decoded.Defect);
        return decoded.Value!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
