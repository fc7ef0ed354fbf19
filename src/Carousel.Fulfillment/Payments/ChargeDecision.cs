namespace Carousel.Fulfillment.Payments;

/// <summary>What the stage is to do with the order after an attempt. The set is closed.</summary>
public abstract record ChargeDecision
{
    private ChargeDecision()
    {
    }

    public sealed record Captured(string PaymentId, DateTimeOffset ChargedAt, decimal Amount, string Currency) : ChargeDecision;

    public sealed record Declined(string Code, string Message) : ChargeDecision;

    /// <summary>Call again with the next attempt number, not before <paramref name="After"/>.</summary>
    /// <param name="IsUnavailable">The provider is down: open the circuit. Such an attempt doesn't count towards the limit of attempts.</param>
    public sealed record RetryLater(string Reason, TimeSpan After, bool IsUnavailable) : ChargeDecision;

    /// <summary>A defect (dead letter); never retried, never under a new key.</summary>
    public sealed record Refused(string Reason) : ChargeDecision;

    /// <summary>Attempts or age are used up; a person has to look.</summary>
    /// <param name="IsOutcomeUnknown">True when money may have moved; false when it certainly didn't.</param>
    public sealed record GiveUp(string Reason, bool IsOutcomeUnknown) : ChargeDecision;
}
