using Carousel.Gateway.Security;
using Carousel.Orders;

namespace Carousel.Gateway.Status;

/// <summary>What the store said; <see cref="Answered"/> is false when it couldn't be asked.</summary>
internal readonly record struct StatusLookupResult(bool Answered, OrderStatusView? View);

/// <summary>Asks the store, bounded in time, and decides who may see what it says.</summary>
internal sealed partial class StatusLookup(
    IOrderStatusReader reader, OrderIdMint mint, ApiKeyRing keys, GatewayOptions options, TimeProvider time, ILogger<StatusLookup> logger)
{
    private readonly LogThrottle _throttle = new(time);

    public async ValueTask<StatusLookupResult> FindAsync(OrderId orderId, CancellationToken cancellationToken)
    {
        ValueTask<OrderStatusView?> finding;
        try
        {
            finding = reader.FindAsync(orderId, cancellationToken);
            OrderStatusView? view = finding.IsCompleted
                ? await finding
                : await finding.AsTask().WaitAsync(options.StatusTimeLimit, time, cancellationToken);
            return new StatusLookupResult(true, view);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever a store throws means that it can't be asked now; intake goes on without it and reading says so.
            if (_throttle.TryPass(out int suppressed))
            {
                LogUnavailable(e, suppressed);
            }

            return new StatusLookupResult(false, null);
        }
    }

    /// <summary>The order as this client may see it; a null view is an order, or an id, that isn't its business.</summary>
    public async ValueTask<StatusLookupResult> FindVisibleAsync(Client client, OrderId orderId, CancellationToken cancellationToken)
    {
        StatusLookupResult result = await FindAsync(orderId, cancellationToken);
        if (!result.Answered)
        {
            return result;
        }

        bool isOperator = client.Has(Scopes.Operator);
        if (result.View is { } view)
        {
            return isOperator || view.Client == client.Name ? result : new StatusLookupResult(true, null);
        }

        bool given = mint.WasGivenTo(client.Name, orderId) || (isOperator && keys.ClientNames.Any(name => mint.WasGivenTo(name, orderId)));
        return new StatusLookupResult(true, given ? new OrderStatusView(orderId, client.Name, OrderStatus.Created, default) : null);
    }
}
