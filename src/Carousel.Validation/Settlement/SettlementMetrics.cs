using System.Diagnostics.Metrics;
using Carousel.Validation.Reservations;

namespace Carousel.Validation.Settlement;

/// <summary>What settlement counts. Anything but sold, released and repeated is something for the auditor.</summary>
internal sealed class SettlementMetrics(IMeterFactory meters)
{
    public const string Undecodable = "undecodable";

    private readonly Counter<long> _ends = meters.Create(ValidationMetrics.MeterName)
        .CreateCounter<long>("carousel.settlement.ends", "{record}", "Records that end an order, or should, by what came of them.");

    public void Count(SettlementResult result) => Count(result switch
    {
        SettlementResult.Sold => "sold",
        SettlementResult.Released => "released",
        SettlementResult.Repeated => "repeated",
        SettlementResult.UnknownOrder => "unknown_order",
        _ => "impossible",
    });

    public void Count(string outcome) => _ends.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
