using System.Diagnostics.Metrics;

namespace Carousel.Fulfillment.Payments;

/// <summary>How long calls to the provider take, by outcome, in seconds.</summary>
public sealed class PaymentMetrics
{
    public const string MeterName = "Carousel.Fulfillment.Payments";
    private readonly Histogram<double> _duration;

    public PaymentMetrics(IMeterFactory meters)
    {
        _duration = meters.Create(MeterName).CreateHistogram<double>(
            "carousel.payment.charge.duration", "s", "Time of one charge call to the payment provider.");
    }

    internal void Record(ChargeOutcome outcome, TimeSpan duration)
    {
        if (_duration.Enabled)
        {
            _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", Name(outcome)));
        }
    }

    private static string Name(ChargeOutcome outcome) => outcome switch
    {
        ChargeOutcome.Captured => "captured",
        ChargeOutcome.Declined => "declined",
        ChargeOutcome.NotExecuted => "not_executed",
        ChargeOutcome.Unknown => "unknown",
        _ => "refused",
    };
}
