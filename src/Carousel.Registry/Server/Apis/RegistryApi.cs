using Carousel.Registry.Server.Catalog;
using Carousel.Registry.Server.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Carousel.Registry.Server.Apis;

/// <summary>The table of endpoints; paths, queries and answers are Confluent's ("Schema Registry API Reference").</summary>
internal static class RegistryApi
{
    // Confluent's name for the default context; there are no others here.
    private static readonly string[] OnlyContext = ["."];

    public static void Map(WebApplication app)
    {
        var pipeline = app.Services.GetRequiredService<ApiPipeline>();
        var log = app.Services.GetRequiredService<ISchemasLog>();
        var catalog = app.Services.GetRequiredService<SchemaCatalog>();
        var commands = app.Services.GetRequiredService<RegistryCommands>();
        var route = new Router(app, pipeline);

        app.UseStatusCodePages(status => AnswerUnroutedAsync(status.HttpContext));
        new SubjectsApi(catalog, commands).Map(route);
        new SchemasApi(catalog).Map(route);
        new CompatibilityApi(catalog).Map(route);
        new ConfigApi(catalog, commands).Map(route);
        new ModeApi(catalog, commands).Map(route);

        route.Get("/", _ => new Dictionary<string, string>());
        route.Get("/contexts", _ => OnlyContext);
        route.Get("/v1/metadata/id", _ => Metadata(log.ClusterId));
        app.MapGet("/health/live", () => Results.Text("live"));
        app.MapGet("/health/ready", () => log.IsCaughtUp
            ? Results.Text("ready")
            : Results.Text("still reading the schemas topic", statusCode: StatusCodes.Status503ServiceUnavailable));
    }

    private static Dictionary<string, object> Metadata(string kafkaCluster)
    {
        return new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["id"] = string.Empty,
            ["scope"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["path"] = Array.Empty<string>(),
                ["clusters"] = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["kafka-cluster"] = kafkaCluster,
                    ["schema-registry-cluster"] = "schema-registry",
                },
            },
        };
    }

    // No endpoint took the request (404, 405), or the server refused it before one could.
    private static Task AnswerUnroutedAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var message = status switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}.",
            StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} isn't possible at {context.Request.Path}.",
            _ => $"The request was refused with status {status}.",
        };
        return ApiPipeline.WriteAsync(context, status, new ErrorMessage(status, message), ContentTypes.Preferred);
    }
}

/// <summary>Maps handlers through the pipeline.</summary>
internal sealed class Router(WebApplication app, ApiPipeline pipeline)
{
    public void Get(string pattern, Func<ApiRequest, object> handler)
    {
        app.MapGet(pattern, context => pipeline.RunAsync(context, request => ValueTask.FromResult(handler(request))));
    }

    public void Post(string pattern, Func<ApiRequest, Task<object>> handler)
    {
        app.MapPost(pattern, context => pipeline.RunAsync(context, request => new ValueTask<object>(handler(request))));
    }

    public void Put(string pattern, Func<ApiRequest, Task<object>> handler)
    {
        app.MapPut(pattern, context => pipeline.RunAsync(context, request => new ValueTask<object>(handler(request))));
    }

    public void Delete(string pattern, Func<ApiRequest, Task<object>> handler)
    {
        app.MapDelete(pattern, context => pipeline.RunAsync(context, request => new ValueTask<object>(handler(request))));
    }
}
