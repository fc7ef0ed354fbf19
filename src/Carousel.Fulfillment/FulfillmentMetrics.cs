using System.Diagnostics.Metrics;

namespace Carousel.Fulfillment;

/// <summary>What fulfillment counts: one handled record, one outcome.</summary>
internal sealed class FulfillmentMetrics(IMeterFactory meters)
{
    public const string MeterName = "Carousel.Fulfillment";

    private readonly Counter<long> _orders = meters.Create(MeterName)
        .CreateCounter<long>("carousel.fulfillment.orders", "{record}", "Attempts at validated orders, by outcome.");

    public void Count(string outcome) => _orders.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
