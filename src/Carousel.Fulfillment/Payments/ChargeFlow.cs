using System.ComponentModel.DataAnnotations;

namespace Carousel.Fulfillment.Payments;

/// <summary>
/// One attempt to get an order paid, called again by the stage engine until it decides. Unknown is never failure: the same key and bytes
/// again, then a lookup by reference, and only then parking. It keeps nothing between calls, so a crash forgets nothing.
/// </summary>
public sealed class ChargeFlow
{
    private readonly IPaymentGateway _gateway;
    private readonly ChargeFlowOptions _options;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly Lock _randomGate = new();

    /// <exception cref="ValidationException">An option is out of its range.</exception>
    public ChargeFlow(IPaymentGateway gateway, ChargeFlowOptions options, Random random, TimeProvider time)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        if (options.KeyLifetimeMargin >= options.KeyLifetime)
        {
            throw new ValidationException($"KeyLifetimeMargin ({options.KeyLifetimeMargin}) must be below KeyLifetime ({options.KeyLifetime}).");
        }

        _gateway = gateway;
        _options = options;
        _random = random;
        _time = time;
    }

    /// <param name="attempt">From 1; attempts that ended with <see cref="ChargeDecision.RetryLater.IsUnavailable"/> need not be counted.</param>
    /// <param name="age">Time since the order could first have been charged (the record's age, or that of the first one after a redrive).</param>
    /// <exception cref="PaymentContractException">The provider's answer contradicts the request: halt.</exception>
    public ValueTask<ChargeDecision> ExecuteAsync(ChargeRequest request, int attempt, TimeSpan age, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);

        // The attempt number starts anew with a process, so a former life may always have reached the provider.
        return ChargeRules.Next(_options, attempt, mayHaveReachedProvider: true, age) switch
        {
            ChargeStep.Charge => ChargeAsync(request, attempt, age, cancellationToken),
            ChargeStep.LookUpThenCharge => LookUpThenChargeAsync(request, attempt, age, cancellationToken),
            _ => ParkAsync(request, null, attempt, age, cancellationToken),
        };
    }

    private async ValueTask<ChargeDecision> LookUpThenChargeAsync(ChargeRequest request, int attempt, TimeSpan age, CancellationToken cancellationToken) =>
        await _gateway.FindAsync(request, cancellationToken) switch
        {
            ChargeLookup.Found found => ChargeRules.Final(found.Outcome)!,
            ChargeLookup.NotFound => await ChargeAsync(request, attempt, age, cancellationToken),
            ChargeLookup.Unavailable unavailable => RetryLater(unavailable.Reason, attempt, null, unavailable.IsProviderDown),
            var other => throw new InvalidOperationException($"There is no rule for {other}."),
        };

    private async ValueTask<ChargeDecision> ChargeAsync(ChargeRequest request, int attempt, TimeSpan age, CancellationToken cancellationToken)
    {
        var outcome = await ChargeUntilNotInProgressAsync(request, cancellationToken);
        if (ChargeRules.Final(outcome) is { } decision)
        {
            return decision;
        }

        if (ChargeRules.IsLast(_options, attempt, age))
        {
            return await ParkAsync(request, outcome, attempt, age, cancellationToken);
        }

        return outcome is ChargeOutcome.NotExecuted notExecuted
            ? RetryLater(notExecuted.Reason, attempt, notExecuted.RetryAfter, notExecuted.IsProviderDown)
            : RetryLater(((ChargeOutcome.Unknown)outcome).Reason, attempt, ((ChargeOutcome.Unknown)outcome).RetryAfter, isUnavailable: false);
    }

    /// <summary>After a rebalance two instances may hold one key at a time, so "in progress" is no failed attempt: wait for its end.</summary>
    private async ValueTask<ChargeOutcome> ChargeUntilNotInProgressAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        var startedAt = _time.GetTimestamp();
        for (var round = 1; ; round++)
        {
            var outcome = await _gateway.ChargeAsync(request, cancellationToken);
            if (outcome is not ChargeOutcome.Unknown { IsInProgress: true } running)
            {
                return outcome;
            }

            var left = _options.InProgressWaitMax - _time.GetElapsedTime(startedAt);
            if (left <= TimeSpan.Zero)
            {
                return outcome;
            }

            var wait = ChargeRules.Backoff(_options, round, running.RetryAfter, Chance());
            await Task.Delay(wait < left ? wait : left, _time, cancellationToken);
        }
    }

    private async ValueTask<ChargeDecision> ParkAsync(
        ChargeRequest request, ChargeOutcome? last, int attempt, TimeSpan age, CancellationToken cancellationToken)
    {
        var lookup = await _gateway.FindAsync(request, cancellationToken);

        // While the provider can't be asked, an order isn't a person's problem but the provider's.
        return lookup is ChargeLookup.Unavailable unavailable && age <= _options.AgeMax
            ? RetryLater(unavailable.Reason, attempt, (last as ChargeOutcome.NotExecuted)?.RetryAfter, unavailable.IsProviderDown)
            : ChargeRules.Park(lookup, last);
    }

    private ChargeDecision.RetryLater RetryLater(string reason, int attempt, TimeSpan? retryAfter, bool isUnavailable) =>
        new(reason, ChargeRules.Backoff(_options, attempt, retryAfter, Chance()), isUnavailable);

    private double Chance()
    {
        // A seeded Random isn't safe for several threads.
        lock (_randomGate)
        {
            return _random.NextDouble();
        }
    }
}
