using System.Diagnostics;
using System.Diagnostics.Metrics;
using Carousel.Gateway.OrderLog;

namespace Carousel.Gateway;

/// <summary>The gateway's instruments, meter and activity source <c>Carousel.Gateway</c>.</summary>
internal sealed class GatewayMetrics
{
    public const string Name = "Carousel.Gateway";
    public static readonly ActivitySource Activities = new(Name);
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;
    private readonly Histogram<double> _acceptDuration;

    public GatewayMetrics(IMeterFactory meters, IOrderLog log)
    {
        Meter meter = meters.Create(Name);
        _accepted = meter.CreateCounter<long>("carousel.gateway.orders.accepted", "{order}", "Orders answered 202");
        _refused = meter.CreateCounter<long>("carousel.gateway.orders.refused", "{order}", "Requests refused, by problem type");
        _acceptDuration = meter.CreateHistogram(
            "carousel.gateway.accept.duration",
            "s",
            "From the order being read to the log having it",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        meter.CreateObservableGauge("carousel.gateway.log.waiting.records", () => log.Waiting.Records, "{record}", "Records that the log has neither acknowledged nor refused");
        meter.CreateObservableGauge("carousel.gateway.log.waiting.size", () => log.Waiting.Bytes, "By", "Bytes of those records");
    }

    public void Accepted(TimeSpan duration)
    {
        _accepted.Add(1);
        _acceptDuration.Record(duration.TotalSeconds);
    }

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
