using System.Net;
using Carousel.Gateway.Apis;
using Carousel.Gateway.Problems;
using Microsoft.Extensions.Primitives;

namespace Carousel.Gateway.Security;

/// <summary>Finds out who calls, and lets through only who may: by key, scope and rate. Bounds how many requests run at the same time.</summary>
internal sealed class ClientMiddleware(RequestDelegate next, ApiKeyRing keys, GatewayOptions options, GatewayMetrics metrics)
{
    private const string BearerPrefix = "Bearer ";
    private int _inFlight;

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiredScopes>() is not { } required)
        {
            await next(context);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _inFlight) > options.RequestsInFlightMax)
            {
                await RefuseAsync(context, Problem.Overloaded("Too many requests are running."));
            }
            else if (Admit(context, required, out Client? client) is { } problem)
            {
                await RefuseAsync(context, problem);
            }
            else
            {
                context.Features.Set(client);
                await next(context);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private Problem? Admit(HttpContext context, RequiredScopes required, out Client? client)
    {
        client = keys.Local;
        if (client is not null && !IsLoopbackName(context.Request.Host.Host))
        {
            // A web page that rebinds its own name to 127.0.0.1 would otherwise speak as the local client.
            return new Problem(421, "misdirected-request", "Not a name of this machine", "Without API keys the gateway answers to localhost and loopback addresses only.");
        }

        if (client is null)
        {
            client = PresentedKey(context.Request.Headers) is { } key ? keys.Find(key) : null;
        }

        return client switch
        {
            null => Problem.Unauthorized(),
            _ when !client.Has(required.AnyOf) => Problem.Forbidden(Describe(required.AnyOf)),
            { Limit: { } limit } when !limit.TryTake(out TimeSpan retryAfter) => Problem.RateLimited(retryAfter),
            _ => null,
        };
    }

    private Task RefuseAsync(HttpContext context, Problem problem)
    {
        metrics.Refused(problem.Kind);
        return JsonAnswer.WriteAsync(context, problem);
    }

    private static string? PresentedKey(IHeaderDictionary headers)
    {
        StringValues authorization = headers.Authorization;
        if (authorization.Count == 1 && authorization[0] is { } value && value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return value[BearerPrefix.Length..].Trim();
        }

        return headers["X-Api-Key"] is { Count: 1 } apiKey ? apiKey[0] : null;
    }

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static string Describe(Scopes scopes) => scopes switch
    {
        Scopes.OrdersWrite => "orders:write",
        _ => "orders:read or operator",
    };
}
