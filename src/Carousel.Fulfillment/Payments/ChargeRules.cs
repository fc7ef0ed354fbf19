namespace Carousel.Fulfillment.Payments;

/// <summary>What an attempt begins with.</summary>
internal enum ChargeStep
{
    Charge,
    LookUpThenCharge,
    LookUpThenPark,
}

/// <summary>The rules without I/O, clock or chance of their own: pure functions of attempt, age and outcome.</summary>
internal static class ChargeRules
{
    /// <param name="attempt">From 1; the number of this charge call for the order.</param>
    /// <param name="mayHaveReachedProvider">False only when it is certain that no call under this reference was ever sent.</param>
    /// <param name="age">Time since the first attempt could have been made.</param>
    public static ChargeStep Next(ChargeFlowOptions options, int attempt, bool mayHaveReachedProvider, TimeSpan age)
    {
        if (attempt > options.AttemptsMax || age > options.AgeMax)
        {
            return ChargeStep.LookUpThenPark;
        }

        // Within its lifetime the key itself prevents a second charge, and charging again is the fastest way to the truth.
        // But a provider may replay a stored 500 for ever, so after a few attempts it is asked what it did.
        var isKeyOld = age >= options.KeyLifetime - options.KeyLifetimeMargin;
        return mayHaveReachedProvider && (isKeyOld || attempt > options.AttemptsBeforeLookUp)
            ? ChargeStep.LookUpThenCharge
            : ChargeStep.Charge;
    }

    public static bool IsLast(ChargeFlowOptions options, int attempt, TimeSpan age) =>
        attempt >= options.AttemptsMax || age > options.AgeMax;

    /// <summary>Exponential backoff with full jitter; with a Retry-After the jitter comes on top, so that clients don't return as one.</summary>
    /// <param name="chance">From 0, below 1.</param>
    public static TimeSpan Backoff(ChargeFlowOptions options, int attempt, TimeSpan? retryAfter, double chance)
    {
        var doublings = Math.Min(Math.Max(attempt, 1) - 1, 40);
        var ceiling = Math.Min(options.BackoffBase.TotalMilliseconds * Math.Pow(2, doublings), options.BackoffMax.TotalMilliseconds);
        if (retryAfter is not { } wish || wish <= TimeSpan.Zero)
        {
            return TimeSpan.FromMilliseconds(ceiling * chance);
        }

        wish = wish > options.RetryAfterMax ? options.RetryAfterMax : wish;
        return wish + TimeSpan.FromMilliseconds(Math.Min(ceiling, options.BackoffBase.TotalMilliseconds) * chance);
    }

    /// <summary>The last word about an order, after its attempts are used up and it was looked up.</summary>
    /// <param name="last">The outcome of the last charge call, or null when none was made this time.</param>
    public static ChargeDecision Park(ChargeLookup lookup, ChargeOutcome? last) => (lookup, last) switch
    {
        (ChargeLookup.Found found, _) => Final(found.Outcome)!,
        (ChargeLookup.NotFound, ChargeOutcome.NotExecuted notExecuted) =>
            new ChargeDecision.GiveUp($"Not charged: attempts are used up. {notExecuted.Reason}", IsOutcomeUnknown: false),
        (ChargeLookup.NotFound, _) =>
            new ChargeDecision.GiveUp($"Outcome unknown: attempts are used up, and the provider doesn't know the reference (yet). {Reason(last)}", IsOutcomeUnknown: true),
        (ChargeLookup.Unavailable unavailable, _) =>
            new ChargeDecision.GiveUp($"Outcome unknown: attempts are used up, and it can't be looked up. {unavailable.Reason} {Reason(last)}", IsOutcomeUnknown: true),
        _ => throw new InvalidOperationException($"There is no rule for {lookup}."),
    };

    /// <returns>Null when the outcome doesn't end the order.</returns>
    public static ChargeDecision? Final(ChargeOutcome outcome) => outcome switch
    {
        ChargeOutcome.Captured captured => new ChargeDecision.Captured(captured.PaymentId, captured.ChargedAt, captured.Amount, captured.Currency),
        ChargeOutcome.Declined declined => new ChargeDecision.Declined(declined.Code, declined.Message),
        ChargeOutcome.Refused refused => new ChargeDecision.Refused(refused.Reason),
        _ => null,
    };

    private static string Reason(ChargeOutcome? outcome) => outcome switch
    {
        ChargeOutcome.Unknown unknown => unknown.Reason,
        ChargeOutcome.NotExecuted notExecuted => notExecuted.Reason,
        _ => "",
    };
}
