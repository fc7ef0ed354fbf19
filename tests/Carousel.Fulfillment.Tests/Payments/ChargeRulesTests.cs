using Carousel.Fulfillment.Payments;
using CsCheck;

namespace Carousel.Fulfillment.Tests.Payments;

public sealed class ChargeRulesTests
{
    private static readonly ChargeFlowOptions Options = new();

    private static readonly ChargeOutcome[] AllOutcomes =
    [
        new ChargeOutcome.Captured("ch_1", DateTimeOffset.UnixEpoch, 1m, "GBP"),
        new ChargeOutcome.Declined("card_declined", "no"),
        new ChargeOutcome.NotExecuted("429", TimeSpan.FromSeconds(3), false),
        new ChargeOutcome.NotExecuted("refused", null, true),
        new ChargeOutcome.Unknown("timeout"),
        new ChargeOutcome.Refused("422"),
    ];

    private static readonly Gen<ChargeOutcome> Outcomes = Gen.Int[0, AllOutcomes.Length - 1].Select(static i => AllOutcomes[i]);

    private static readonly Gen<ChargeLookup> Lookups = Gen.OneOf(
        Outcomes.Where(static outcome => ChargeRules.Final(outcome) is not null).Select(static ChargeLookup (outcome) => new ChargeLookup.Found(outcome)),
        Gen.Const<ChargeLookup>(new ChargeLookup.NotFound()),
        Gen.Bool.Select(static ChargeLookup (isDown) => new ChargeLookup.Unavailable("?", isDown)));

    private static readonly Gen<TimeSpan> Ages = Gen.Double[0, 10 * 24].Select(TimeSpan.FromHours);

    [Fact]
    public void An_old_key_that_may_have_reached_the_provider_is_never_charged_blindly() =>
        Gen.Select(Gen.Int[1, 30], Ages).Sample(static (attempt, age) =>
            age < Options.KeyLifetime - Options.KeyLifetimeMargin
            || ChargeRules.Next(Options, attempt, mayHaveReachedProvider: true, age) != ChargeStep.Charge);

    [Fact]
    public void Beyond_attempts_or_age_nothing_is_charged() =>
        Gen.Select(Gen.Int[1, 30], Gen.Bool, Ages).Sample(static (attempt, mayHave, age) =>
            ChargeRules.Next(Options, attempt, mayHave, age) == ChargeStep.LookUpThenPark
            == (attempt > Options.AttemptsMax || age > Options.AgeMax));

    [Fact]
    public void Backoff_is_never_negative_and_always_bounded() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Double[0, 0.999999], Gen.Double[-10, 100_000].Select(TimeSpan.FromSeconds), Gen.Bool)
            .Sample(static (attempt, chance, wish, hasWish) =>
            {
                var wait = ChargeRules.Backoff(Options, attempt, hasWish ? wish : null, chance);
                var floor = hasWish && wish > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Min(wish.Ticks, Options.RetryAfterMax.Ticks)) : TimeSpan.Zero;
                return wait >= floor && wait <= floor + Options.BackoffMax;
            });

    [Fact]
    public void Parking_follows_what_was_found_and_admits_what_is_unknown() =>
        Gen.Select(Lookups, Outcomes.Where(static outcome => ChargeRules.Final(outcome) is null)).Sample(static (lookup, last) =>
            (ChargeRules.Park(lookup, last), lookup) switch
            {
                (var decision, ChargeLookup.Found found) => decision == ChargeRules.Final(found.Outcome),
                (ChargeDecision.GiveUp giveUp, ChargeLookup.NotFound) => giveUp.IsOutcomeUnknown == last is ChargeOutcome.Unknown,
                (ChargeDecision.GiveUp giveUp, _) => giveUp.IsOutcomeUnknown,
                _ => false,
            });

    [Fact]
    public void Whatever_the_provider_says_a_charge_is_captured_only_on_its_word() =>
        Gen.Select(Outcomes.Array[1, 4], Lookups.Array[1, 4], Gen.Int[1, 12], Ages).Sample((outcomes, lookups, attempt, age) =>
        {
            var gateway = new ScriptedGateway(outcomes, lookups);
            var flow = new ChargeFlow(gateway, Options, new Random(1), TimeProvider.System);
            var call = flow.ExecuteAsync(SimulatedProvider.Request("ord-1"), attempt, age, default);
            Assert.True(call.IsCompletedSuccessfully);
            var decision = call.Result;
            var saidCaptured = outcomes.Concat(lookups.OfType<ChargeLookup.Found>().Select(static found => found.Outcome)).Any(static o => o is ChargeOutcome.Captured);
            return (decision is not ChargeDecision.Captured || saidCaptured)
                && (decision is not ChargeDecision.GiveUp || gateway.Calls[^1] == "look up")
                && gateway.Calls.Count(static name => name == "charge") <= 1;
        });
}
