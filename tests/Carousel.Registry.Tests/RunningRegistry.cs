using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Carousel.Registry.Server;
using Carousel.Registry.Server.Log;
using Carousel.Registry.Server.Log.InMemory;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Carousel.Registry.Tests;

/// <summary>A server on a free port of loopback, with the requests a Confluent client would send.</summary>
internal sealed class RunningRegistry : IAsyncDisposable
{
    public const string ContentType = "application/vnd.schemaregistry.v1+json";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private RunningRegistry(WebApplication app)
    {
        _app = app;
        Url = app.Urls.First();
        _http = new HttpClient { BaseAddress = new Uri(Url) };
    }

    public string Url { get; }

    public static Task<RunningRegistry> StartAsync(InMemorySchemasTopic? topic = null)
    {
        return StartAsync(new RegistryOptions(), options => RegistryServer.Build(
            options, _ => new InMemorySchemasLog(topic ?? new InMemorySchemasTopic()), Quiet));
    }

    public static Task<RunningRegistry> StartAsync(ISchemasLog log, bool waitUntilReady = true)
    {
        return StartAsync(new RegistryOptions(), options => RegistryServer.Build(options, _ => log, Quiet), waitUntilReady);
    }

    public static Task<RunningRegistry> StartOnKafkaAsync(RegistryOptions options)
    {
        return StartAsync(options, each => RegistryServer.Build(each, Quiet));
    }

    public static void Quiet(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, string? accept = null, string? contentType = ContentType)
    {
        using var request = new HttpRequestMessage(method, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8);
            request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        }

        using var response = await _http.SendAsync(request);
        return new Answer(
            response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentType?.MediaType ?? string.Empty);
    }

    public Task<Answer> GetAsync(string path)
    {
        return SendAsync(HttpMethod.Get, path);
    }

    public Task<Answer> DeleteAsync(string path)
    {
        return SendAsync(HttpMethod.Delete, path);
    }

    public Task<Answer> RegisterAsync(string subject, string schema, object? references = null)
    {
        return SendAsync(HttpMethod.Post, $"/subjects/{subject}/versions", references is null ? new { schema } : new { schema, references });
    }

    public async Task<int> RegisteredAsync(string subject, string schema, object? references = null)
    {
        return (await RegisterAsync(subject, schema, references)).Json(HttpStatusCode.OK).GetProperty("id").GetInt32();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task<RunningRegistry> StartAsync(
        RegistryOptions options, Func<RegistryOptions, WebApplication> build, bool waitUntilReady = true)
    {
        options.ListenUrl = "http://127.0.0.1:0";
        var app = build(options);
        await app.StartAsync();
        if (waitUntilReady)
        {
            using var limit = new CancellationTokenSource(StartLimit);
            await RegistryServer.WaitUntilReadyAsync(app, limit.Token);
        }

        return new RunningRegistry(app);
    }
}

internal sealed record Answer(HttpStatusCode Status, string Text, string ContentType)
{
    /// <summary>The body, once the status is the one expected; otherwise the failure shows the body.</summary>
    public JsonElement Json(HttpStatusCode expected)
    {
        Assert.True(Status == expected, $"Expected {expected}, got {Status}: {Text}");
        return JsonDocument.Parse(Text).RootElement;
    }

    public void Is(string json)
    {
        Assert.Equal(json, Json(HttpStatusCode.OK).GetRawText());
    }

    public string Fails(int status, int code)
    {
        var error = Json((HttpStatusCode)status);
        Assert.Equal(code, error.GetProperty("error_code").GetInt32());
        return error.GetProperty("message").GetString()!;
    }
}

internal static class TestSchemas
{
    public const string A = """{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":"int"}]}""";
    public const string WithOptionalB = """{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":"int"},{"name":"b","type":"int","default":0}]}""";
    public const string WithRequiredB = """{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}""";
    public const string User = """{"type":"record","name":"U","namespace":"n","fields":[{"name":"r","type":"n.R"}]}""";

    public static object[] ReferenceTo(string subject, int version = 1, string name = "n.R")
    {
        return [new { name, subject, version }];
    }
}
