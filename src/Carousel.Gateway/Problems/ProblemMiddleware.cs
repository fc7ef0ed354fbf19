using Carousel.Gateway.Apis;

namespace Carousel.Gateway.Problems;

/// <summary>Outermost: whatever ends without an answer of its own gets a problem, and nothing of the request is repeated in it.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, GatewayOptions options, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentType: null })
            {
                await JsonAnswer.WriteAsync(context, ForStatus(context, context.Response.StatusCode));
            }
        }
        catch (BadHttpRequestException e)
        {
            await EndAsync(context, e.StatusCode);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            LogAborted(context.Request.Method, context.GetEndpoint()?.DisplayName);
        }
        catch (Exception e)
        {
            LogFailed(e, context.Request.Method, context.GetEndpoint()?.DisplayName);
            await EndAsync(context, StatusCodes.Status500InternalServerError);
        }
    }

    private Problem ForStatus(HttpContext context, int status) => Problem.ForStatus(status, context.Request.Method, options.BodyBytesMax);

    /// <summary>After an exception: a problem, or where the answer has begun already its visible breaking off, since half an answer must not look whole.</summary>
    private async Task EndAsync(HttpContext context, int status)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        await JsonAnswer.WriteAsync(context, ForStatus(context, status));
    }
}
