using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Carousel.Cli.Tests.Loading;

/// <summary>A gateway on a loopback port that answers as it is told, per Idempotency-Key and attempt.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    public const int Reset = 0;
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _attempts = new();
    private int _underWay;
    private int _underWayMax;

    private FakeGateway(WebApplication app) => _app = app;

    public required Func<string, int, int> StatusOf { get; init; }

    public string? RetryAfter { get; init; }

    /// <summary>Awaited before a request is answered.</summary>
    public Task Gate { get; init; } = Task.CompletedTask;

    public Uri Address { get; private set; } = new("http://localhost");

    public IReadOnlyDictionary<string, int> Attempts => _attempts;

    public int UnderWayMax => _underWayMax;

    public ConcurrentQueue<string> Bodies { get; } = [];

    public ConcurrentQueue<string?> Authorizations { get; } = [];

    /// <param name="statusOf">Key and attempt (1 for the first) to a status; <see cref="Reset"/> cuts the connection.</param>
    public static async Task<FakeGateway> StartAsync(Func<string, int, int> statusOf, string? retryAfter = null, Task? gate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var gateway = new FakeGateway(app) { StatusOf = statusOf, RetryAfter = retryAfter, Gate = gate ?? Task.CompletedTask };
        app.MapPost("/orders", gateway.PostAsync);
        app.MapPost("/orders/batch", gateway.PostBatchAsync);
        await app.StartAsync();
        gateway.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task PostAsync(HttpContext context)
    {
        InterlockedMax(Interlocked.Increment(ref _underWay));
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        Bodies.Enqueue(await reader.ReadToEndAsync());
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        await Gate;
        string key = context.Request.Headers["Idempotency-Key"].ToString();
        int status = StatusOf(key, _attempts.AddOrUpdate(key, 1, (_, known) => known + 1));
        Interlocked.Decrement(ref _underWay);
        if (status == Reset)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
        if (RetryAfter is not null && status is 429 or 503)
        {
            context.Response.Headers.RetryAfter = RetryAfter;
        }

        await context.Response.WriteAsync(status == 202 ? $$"""{"orderId":"ord-{{key}}","status":"CREATED"}""" : Problem(status));
    }

    private async Task PostBatchAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var lines = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        Bodies.Enqueue(string.Join('\n', lines));
        context.Response.ContentType = "application/x-ndjson";
        for (int i = 0; i < lines.Count; i++)
        {
            using JsonDocument order = JsonDocument.Parse(lines[i]);
            string key = order.RootElement.GetProperty("idempotencyKey").GetString()!;
            int status = StatusOf(key, _attempts.AddOrUpdate(key, 1, (_, known) => known + 1));
            if (status == Reset)
            {
                await context.Response.Body.FlushAsync();
                context.Abort();
                return;
            }

            string result = $"\"orderId\":\"ord-{key}\"" + (status == 202 ? "" : $",\"problem\":{Problem(status)}");
            await context.Response.WriteAsync($$"""{"line":{{i + 1}},"status":{{status}},{{result}}}""" + "\n");
        }
    }

    private static string Problem(int status) => status == (int)HttpStatusCode.BadRequest
        ? """{"type":"/problems/invalid-order","title":"Not an order","status":400,"errors":[{"field":"lines[0].quantity","code":"INVALID_QUANTITY","message":"quantity must be at least 1."}]}"""
        : $$"""{"type":"/problems/other","title":"Other","status":{{status}}}""";

    private void InterlockedMax(int value)
    {
        int seen = _underWayMax;
        while (value > seen && Interlocked.CompareExchange(ref _underWayMax, value, seen) is int other && other != seen)
        {
            seen = other;
        }
    }
}
