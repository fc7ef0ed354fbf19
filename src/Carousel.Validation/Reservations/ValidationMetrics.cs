using System.Diagnostics.Metrics;

namespace Carousel.Validation.Reservations;

/// <summary>What validation counts. Reasons come from fixed lists, so tags stay few.</summary>
internal sealed class ValidationMetrics
{
    public const string MeterName = "Carousel.Validation";

    private readonly Counter<long> _orders;
    private readonly Histogram<double> _duration;
    private readonly Histogram<int> _batch;

    public ValidationMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        _orders = meter.CreateCounter<long>("carousel.validation.orders", "{record}", "Records of orders by outcome, with the reason of those that were refused.");
        _duration = meter.CreateHistogram<double>("carousel.validation.transaction.duration", "s", "Time of one batch's SQL transaction, waiting for its turn included.");
        _batch = meter.CreateHistogram<int>("carousel.validation.transaction.orders", "{order}", "Orders in one SQL transaction.");
    }

    public void Transaction(TimeSpan duration, int orders)
    {
        _duration.Record(duration.TotalSeconds);
        _batch.Record(orders);
    }

    public void Defect(string reason) => Count("defect", reason);

    public void Decided(Decision decision)
    {
        switch (decision.Kind)
        {
            case DecisionKind.New:
                Count(decision.Recorded.State == ReservationState.Rejected ? "rejected" : "reserved", decision.Recorded.Reason);
                break;
            case DecisionKind.Repeated:
                Count("repeated", null);
                break;
            case DecisionKind.Duplicate:
                Count("duplicate", null);
                break;
            default:
                Count("conflict", null);
                break;
        }
    }

    private void Count(string outcome, string? reason)
    {
        var tag = new KeyValuePair<string, object?>("outcome", outcome);
        if (reason is null)
        {
            _orders.Add(1, tag);
        }
        else
        {
            _orders.Add(1, tag, new("reason", reason));
        }
    }
}
