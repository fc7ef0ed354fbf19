using System.Text.Encodings.Web;
using System.Text.Json;
using Carousel.Registry.Server.Catalog;
using Carousel.Registry.Server.Log;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Carousel.Registry.Server.Apis;

/// <summary>What every endpoint has in common: content types, readiness, and errors in Confluent's form.</summary>
internal sealed partial class ApiPipeline(ISchemasLog log, RegistryOptions options, ILogger<ApiPipeline> logger)
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ILogger<ApiPipeline> _logger = logger;

    public async Task RunAsync(HttpContext context, Func<ApiRequest, ValueTask<object>> handler)
    {
        var contentType = ContentTypes.Preferred;
        try
        {
            contentType = ContentTypes.Negotiate(context.Request);
            if (!log.IsCaughtUp)
            {
                context.Response.Headers.RetryAfter = "1";
                throw new RegistryException(503, 503, "The registry is still reading its schemas; ask again in a moment.");
            }

            await WriteAsync(context, 200, await handler(new ApiRequest(context, options.RequestBytesMax)), contentType);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogGone(context.Request.Method, context.Request.Path);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            var error = ToError(context, exception);
            await WriteAsync(context, error.Status, new ErrorMessage(error.Code, error.Message), contentType);
        }
    }

    public static async Task WriteAsync(HttpContext context, int status, object answer, string contentType)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        if (answer is RawJson raw)
        {
            await context.Response.WriteAsync(raw.Text, context.RequestAborted);
        }
        else
        {
            await JsonSerializer.SerializeAsync(context.Response.Body, answer, answer.GetType(), Options, context.RequestAborted);
        }
    }

    private RegistryException ToError(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case RegistryException known:
                return known;
            case BadHttpRequestException bad:
                return new RegistryException(bad.StatusCode, bad.StatusCode, bad.Message);
            case SchemasLogException failed:
                LogStoreFailed(failed, failed.Message);
                return new RegistryException(500, failed.IsTimeout ? 50002 : 50001, failed.Message);
            default:
                LogUnexpected(exception, context.Request.Method, context.Request.Path);
                return new RegistryException(500, 500, "The registry failed in a way it doesn't know; its log says more.");
        }
    }

    [LoggerMessage(EventId = 3050, Level = LogLevel.Warning, Message = "A write wasn't stored: {Reason}")]
    private partial void LogStoreFailed(Exception exception, string reason);

    [LoggerMessage(EventId = 3051, Level = LogLevel.Error, Message = "{Method} {Path} failed unexpectedly")]
    private partial void LogUnexpected(Exception exception, string method, string path);

    [LoggerMessage(EventId = 3052, Level = LogLevel.Debug, Message = "{Method} {Path} was given up by its client")]
    private partial void LogGone(string method, string path);
}
