using System.Diagnostics;
using Carousel.Gateway.OrderLog;
using Carousel.Gateway.Problems;
using Carousel.Gateway.Security;
using Carousel.Gateway.Status;
using Carousel.Orders;
using Carousel.Orders.Avro;

namespace Carousel.Gateway.Intake;

/// <summary>Takes one order from JSON to the log, or says why not. Whoever waits may leave: an order that was begun is written all the same. Thread-safe.</summary>
internal sealed class OrderIntake(
    OrderIdMint mint, OrderValues values, IOrderLog log, StatusLookup statuses, RecentOrders recent, GatewayOptions options, GatewayMetrics metrics, TimeProvider time)
{
    public const int IdempotencyKeyLengthMax = 255;

    /// <summary>The JSON is read before this returns; its buffer may be reused while the task runs.</summary>
    /// <param name="allowKeyInBody">The order may bring its own key in <c>idempotencyKey</c>, as those of a batch do.</param>
    public Task<AcceptResult> AcceptAsync(Client client, ReadOnlySpan<byte> json, string? idempotencyKey, bool allowKeyInBody)
    {
        long started = time.GetTimestamp();
        OrderDraft? draft = OrderJson.Read(json, allowKeyInBody, out Problem? problem);
        if (draft is null)
        {
            return Task.FromResult(Refuse(problem!));
        }

        if (draft.ToOrder(time.GetUtcNow().UtcDateTime, out IReadOnlyList<RuleViolation> violations) is not { } order)
        {
            return Task.FromResult(Refuse(Problem.InvalidOrder(violations)));
        }

        return (idempotencyKey ?? draft.IdempotencyKey) is { } key
            ? AcceptKeyedAsync(client, order with { OrderId = mint.Derive(client.Name, key) }, started)
            : WriteAsync(client, order with { OrderId = mint.New(client.Name) }, started);
    }

    private async Task<AcceptResult> AcceptKeyedAsync(Client client, Order order, long started)
    {
        byte[] fingerprint = OrderFingerprint.Of(order);
        if (recent.TryClaim(order.OrderId, fingerprint, out RecentOrder? claimed))
        {
            return await WriteFirstAsync(client, order, claimed, started);
        }

        AcceptResult first = await claimed.Result;
        if (first.Problem is not null)
        {
            return first;
        }

        if (!claimed.Fingerprint.SequenceEqual(fingerprint))
        {
            return Refuse(Problem.IdempotencyKeyReused());
        }

        StatusLookupResult known = await statuses.FindAsync(order.OrderId, CancellationToken.None);
        return AcceptResult.Accepted(order.OrderId, known.View?.Status ?? first.Status);
    }

    /// <summary>Whatever happens, those who wait for the claim are told.</summary>
    private async Task<AcceptResult> WriteFirstAsync(Client client, Order order, RecentOrder claimed, long started)
    {
        AcceptResult result = AcceptResult.Refused(Problem.LogUnavailable(null));
        try
        {
            StatusLookupResult known = await statuses.FindAsync(order.OrderId, CancellationToken.None);
            result = known.View switch
            {
                null => await WriteAsync(client, order, started),
                { } view when view.Fingerprint.IsEmpty || view.Fingerprint.Span.SequenceEqual(claimed.Fingerprint) => AcceptResult.Accepted(order.OrderId, view.Status),
                _ => Refuse(Problem.IdempotencyKeyReused()),
            };
            return result;
        }
        finally
        {
            if (result.Problem is null)
            {
                recent.Accepted(claimed, result);
            }
            else
            {
                recent.Failed(claimed, result);
            }
        }
    }

    private async Task<AcceptResult> WriteAsync(Client client, Order order, long started)
    {
        using Activity? activity = GatewayMetrics.Activities.StartActivity("orders publish", ActivityKind.Producer);
        activity?.SetTag("carousel.order_id", order.OrderId.ToString());
        byte[] value = await values.Orders.EncodeAsync(order, CancellationToken.None);
        string key = options.Partitioning == OrderPartitioning.Customer ? order.CustomerId : order.OrderId.ToString();
        Activity? current = activity ?? Activity.Current;
        string? traceParent = current is { IdFormat: ActivityIdFormat.W3C } ? current.Id : null;
        try
        {
            await log.AppendAsync(new OrderRecord(order.OrderId, key, value, client.Name, traceParent, current?.TraceStateString));
        }
        catch (OrderLogException e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            return Refuse(Problem.LogUnavailable(e.Failure == OrderLogFailure.Unknown ? order.OrderId.ToString() : null));
        }

        metrics.Accepted(time.GetElapsedTime(started));
        return AcceptResult.Accepted(order.OrderId, OrderStatus.Created);
    }

    private AcceptResult Refuse(Problem problem)
    {
        metrics.Refused(problem.Kind);
        return AcceptResult.Refused(problem);
    }
}
