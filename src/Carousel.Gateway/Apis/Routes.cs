using Carousel.Gateway.Security;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Carousel.Gateway.Apis;

/// <summary>Which path leads where, and what the OpenAPI document says about it.</summary>
internal static class Routes
{
    private const string ProblemJson = "application/problem+json";

    private delegate Task DescribeOperation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken);

    public static void Map(WebApplication app)
    {
        IServiceProvider services = app.Services;
        var order = services.GetRequiredService<GetOrderApi>();
        Describe(
            app.MapPost("/orders", (Delegate)services.GetRequiredService<PostOrderApi>().HandleAsync),
            "Place an order",
            "Answers when every in-sync replica of the log has the order.",
            Scopes.OrdersWrite,
            [400, 413, 415, 422],
            async (operation, context, cancellationToken) =>
            {
                OrderDocument.WithIdempotencyKey(operation);
                await OrderDocument.WithBodyAsync(operation, MediaTypes.Json, context, cancellationToken);
            })
            .Produces<OrderAccepted>(202);
        Describe(
            app.MapPost("/orders/batch", (Delegate)services.GetRequiredService<PostBatchApi>().HandleAsync),
            "Place many orders",
            "One order per line, each with an optional idempotencyKey; one result per line, in order, while the request is still being sent, "
            + "so read while you send. Blank lines are passed over.",
            Scopes.OrdersWrite,
            [415],
            (operation, context, cancellationToken) => OrderDocument.WithBodyAsync(operation, MediaTypes.Ndjson, context, cancellationToken))
            .Produces<BatchLineAnswer>(200, MediaTypes.Ndjson);
        Describe(
            app.MapGet("/orders/{id}", (Delegate)order.HandleAsync),
            "Read an order's status",
            "A client reads its own orders, an operator everybody's.",
            Scopes.OrdersRead | Scopes.Operator,
            [404],
            (operation, _, _) => OrderDocument.WithOrderIdAsync(operation))
            .Produces<OrderStatusAnswer>();
        Describe(
            app.MapGet("/orders/{id}/events", (Delegate)services.GetRequiredService<OrderEventsApi>().HandleAsync),
            "Follow an order's status",
            "Server-sent events named status, each the answer of GET /orders/{id}, until the order is FULFILLED or REJECTED.",
            Scopes.OrdersRead | Scopes.Operator,
            [404],
            (operation, _, _) => OrderDocument.WithOrderIdAsync(operation))
            .Produces<OrderStatusAnswer>(200, "text/event-stream");
        app.MapGet("/health/live", (Delegate)HealthApi.LiveAsync).WithSummary("The process answers").Produces<HealthAnswer>();
        app.MapGet("/health/ready", (Delegate)services.GetRequiredService<HealthApi>().ReadyAsync)
            .WithSummary("Orders can be taken").Produces<HealthAnswer>().Produces<HealthAnswer>(503);
        app.MapOpenApi();
    }

    private static RouteHandlerBuilder Describe(
        RouteHandlerBuilder route, string summary, string description, Scopes scopes, int[] problems, DescribeOperation describe)
    {
        route.WithMetadata(new RequiredScopes(scopes)).WithSummary(summary).WithDescription(description);
        foreach (int status in (int[])[401, 403, .. problems, 429, 500, 503])
        {
            route.Produces<ProblemAnswer>(status, ProblemJson);
        }

        return route.AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
        {
            await describe(operation, context, cancellationToken);
            OrderDocument.WithProblems(operation);
        });
    }
}
