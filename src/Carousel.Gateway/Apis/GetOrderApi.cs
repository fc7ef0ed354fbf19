using Carousel.Gateway.Problems;
using Carousel.Gateway.Security;
using Carousel.Gateway.Status;
using Carousel.Orders;
using Microsoft.AspNetCore.Http.Features;

namespace Carousel.Gateway.Apis;

/// <summary><c>GET /orders/{id}</c>.</summary>
internal sealed class GetOrderApi(StatusLookup statuses)
{
    public async Task HandleAsync(HttpContext context)
    {
        (OrderStatusView? view, Problem? problem) = await FindAsync(context);
        if (view is null)
        {
            await JsonAnswer.WriteAsync(context, problem!);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, OrderStatusAnswer.Of(view), AnswerJson.Default.OrderStatusAnswer);
    }

    /// <summary>The order that the route names, as the caller may see it, or a problem.</summary>
    public async ValueTask<(OrderStatusView? View, Problem? Problem)> FindAsync(HttpContext context)
    {
        if (!OrderId.TryParse((string?)context.Request.RouteValues["id"], out OrderId orderId))
        {
            return (null, Problem.OrderNotFound());
        }

        Client client = context.Features.GetRequiredFeature<Client>();
        StatusLookupResult result = await statuses.FindVisibleAsync(client, orderId, context.RequestAborted);
        return result switch
        {
            { Answered: false } => (null, Problem.StatusUnavailable()),
            { View: null } => (null, Problem.OrderNotFound()),
            _ => (result.View, null),
        };
    }
}
