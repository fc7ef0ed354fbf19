namespace Carousel.PaymentSimulator.Faults;

public enum LatencyDistribution
{
    None,
    Fixed,
    LogNormal,
}

/// <summary>How long a charge takes before it is decided. Replays and lookups are answered at once.</summary>
public sealed record LatencySettings
{
    public LatencyDistribution Distribution { get; init; } = LatencyDistribution.LogNormal;

    /// <summary>Default 100, 0 to 60,000.</summary>
    public double MedianMs { get; init; } = 100;

    /// <summary>Spread of the log-normal distribution: 0.3 puts p99 at twice the median. Default 0.3, 0 to 3.</summary>
    public double Sigma { get; init; } = 0.3;
}

/// <summary>
/// Faults to order. Rates are from 0 (never) to 1 (always). "Before" means that nothing was executed, "after" that the charge is on disk
/// and only its answer is lost; the latter befalls replays too, so that a client may have to look the charge up.
/// </summary>
public sealed record FaultSettings
{
    /// <summary>Decides, with the reference, which charges are declined, and the order of all other faults. Default 1.</summary>
    public long Seed { get; init; } = 1;

    public LatencySettings Latency { get; init; } = new();

    /// <summary>Share of references that are declined; the same reference is always decided the same way under one seed.</summary>
    public double DeclineRate { get; init; }

    /// <summary>Charged, then never answered.</summary>
    public double TimeoutAfterChargeRate { get; init; }

    /// <summary>Charged, then 500.</summary>
    public double ErrorAfterChargeRate { get; init; }

    /// <summary>500, nothing executed.</summary>
    public double ErrorBeforeChargeRate { get; init; }

    /// <summary>429 with Retry-After, nothing executed.</summary>
    public double RateLimitRate { get; init; }

    /// <summary>503 with Retry-After, nothing executed.</summary>
    public double UnavailableRate { get; init; }

    /// <summary>The stream is reset, nothing executed.</summary>
    public double ResetBeforeRate { get; init; }

    /// <summary>Charged, then the stream is reset.</summary>
    public double ResetAfterRate { get; init; }

    /// <returns>One sentence per wrong value, keyed by the name of the field in JSON; empty when all is well.</returns>
    public IReadOnlyDictionary<string, string> Validate()
    {
        var errors = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Check(errors, "latency.medianMs", Latency.MedianMs, 60_000);
        Check(errors, "latency.sigma", Latency.Sigma, 3);
        Check(errors, "declineRate", DeclineRate, 1);
        Check(errors, "timeoutAfterChargeRate", TimeoutAfterChargeRate, 1);
        Check(errors, "errorAfterChargeRate", ErrorAfterChargeRate, 1);
        Check(errors, "errorBeforeChargeRate", ErrorBeforeChargeRate, 1);
        Check(errors, "rateLimitRate", RateLimitRate, 1);
        Check(errors, "unavailableRate", UnavailableRate, 1);
        Check(errors, "resetBeforeRate", ResetBeforeRate, 1);
        Check(errors, "resetAfterRate", ResetAfterRate, 1);
        return errors;
    }

    private static void Check(SortedDictionary<string, string> errors, string field, double value, double max)
    {
        if (!(value >= 0 && value <= max))
        {
            errors[field] = FormattableString.Invariant($"{field} must be between 0 and {max}; it is {value}.");
        }
    }
}
