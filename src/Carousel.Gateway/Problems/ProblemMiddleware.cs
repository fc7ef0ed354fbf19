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
            if (context.Response.StatusCode >= 400)
            {
                await WriteAsync(context, context.Response.StatusCode);
            }
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(context, e.StatusCode);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            LogAborted(context.Request.Method, context.GetEndpoint()?.DisplayName);
        }
        catch (Exception e)
        {
            LogFailed(e, context.Request.Method, context.GetEndpoint()?.DisplayName);
            await WriteAsync(context, StatusCodes.Status500InternalServerError);
        }
    }

    private async Task WriteAsync(HttpContext context, int status)
    {
        if (context.Response.HasStarted)
        {
            if (status >= 500)
            {
                // Half an answer must not look like a whole one.
                context.Abort();
            }

            return;
        }

        if (context.Response.ContentType is null)
        {
            await JsonAnswer.WriteAsync(context, Problem.ForStatus(status, context.Request.Method, options.BodyBytesMax));
        }
    }
}
