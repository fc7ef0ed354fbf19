using System.Text.Json;
using Carousel.Gateway.Problems;
using Carousel.Gateway.Status;

namespace Carousel.Gateway.Apis;

/// <summary><c>GET /orders/{id}/events</c>: server-sent events (WHATWG HTML, section 9.2), each the answer of <c>GET /orders/{id}</c>, until the order has ended.</summary>
internal sealed class OrderEventsApi(
    GetOrderApi orders, OrderWatches watches, GatewayOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private int _streams;

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref _streams) > options.EventStreamsMax)
            {
                await JsonAnswer.WriteAsync(context, Problem.Overloaded("Too many event streams are open."));
                return;
            }

            (OrderStatusView? view, Problem? problem) = await orders.FindAsync(context);
            if (view is null)
            {
                await JsonAnswer.WriteAsync(context, problem!);
                return;
            }

            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            await StreamAsync(context, view, ended.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
        }
    }

    private async Task StreamAsync(HttpContext context, OrderStatusView view, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";

        // nginx would otherwise hold events back until its buffer is full.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await SendAsync(context, view, cancellationToken);
            if (view.Status.IsEnd())
            {
                return;
            }

            await using OrderWatches.Subscription subscription = watches.Subscribe(view);
            await FollowAsync(context, subscription, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The reader left or the gateway stops; a browser reconnects by itself and is told the current status first.
        }
    }

    private async Task FollowAsync(HttpContext context, OrderWatches.Subscription subscription, CancellationToken cancellationToken)
    {
        Task<bool> changed = subscription.Changes.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            using var heartbeatEnded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task heartbeat = Task.Delay(options.EventHeartbeatInterval, time, heartbeatEnded.Token);
            if (await Task.WhenAny(changed, heartbeat) == heartbeat)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await context.Response.BodyWriter.WriteAsync(": still here\n\n"u8.ToArray(), cancellationToken);
                continue;
            }

            await heartbeatEnded.CancelAsync();
            if (!await changed)
            {
                return;
            }

            while (subscription.Changes.TryRead(out OrderStatusView? view))
            {
                await SendAsync(context, view, cancellationToken);
            }

            changed = subscription.Changes.WaitToReadAsync(cancellationToken).AsTask();
        }
    }

    private static async Task SendAsync(HttpContext context, OrderStatusView view, CancellationToken cancellationToken)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(OrderStatusAnswer.Of(view), AnswerJson.Default.OrderStatusAnswer);
        byte[] message = [.. "event: status\ndata: "u8, .. json, .. "\n\n"u8];
        await context.Response.BodyWriter.WriteAsync(message, cancellationToken);
    }
}
