namespace Carousel.Fulfillment.Payments;

/// <summary>What one call to the provider told us. The set is closed.</summary>
public abstract record ChargeOutcome
{
    private ChargeOutcome()
    {
    }

    /// <summary>The money moved. Final.</summary>
    public sealed record Captured(string PaymentId, DateTimeOffset ChargedAt, decimal Amount, string Currency) : ChargeOutcome;

    /// <summary>The provider said no and will say so for this reference for ever. Final.</summary>
    public sealed record Declined(string Code, string Message) : ChargeOutcome;

    /// <summary>Certainly nothing happened: no connection, 429 or 503.</summary>
    /// <param name="RetryAfter">The provider's own wish, if it gave one.</param>
    /// <param name="IsProviderDown">True when it isn't this call but the provider that doesn't work now (or our access to it).</param>
    public sealed record NotExecuted(string Reason, TimeSpan? RetryAfter, bool IsProviderDown) : ChargeOutcome;

    /// <summary>It may have happened: no answer, a reset, 5xx, or another call under the same key still running. Never a failure.</summary>
    /// <param name="IsInProgress">409: the first call is still running and will tell.</param>
    public sealed record Unknown(string Reason, TimeSpan? RetryAfter = null, bool IsInProgress = false) : ChargeOutcome;

    /// <summary>The request itself is wrong (400, 413, 422): a defect of ours that no retry and no new key may paper over.</summary>
    public sealed record Refused(string Reason) : ChargeOutcome;
}

/// <summary>What the provider knows about a reference. The set is closed.</summary>
public abstract record ChargeLookup
{
    private ChargeLookup()
    {
    }

    /// <param name="Outcome"><see cref="ChargeOutcome.Captured"/>, <see cref="ChargeOutcome.Declined"/>, or, for a charge that was
    /// refunded since, <see cref="ChargeOutcome.Refused"/>: it must neither be charged again nor fulfilled.</param>
    public sealed record Found(ChargeOutcome Outcome) : ChargeLookup;

    /// <summary>No call under this reference was executed or is running.</summary>
    public sealed record NotFound : ChargeLookup;

    /// <summary>No answer to rely on: no answer at all, or a call is still running.</summary>
    /// <param name="IsProviderDown">As in <see cref="ChargeOutcome.NotExecuted"/>.</param>
    public sealed record Unavailable(string Reason, bool IsProviderDown = false) : ChargeLookup;
}
