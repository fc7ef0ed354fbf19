using System.ComponentModel.DataAnnotations;
using Carousel.Fulfillment.Payments;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Fulfillment.Tests.Payments;

public sealed class ChargeFlowTests
{
    private static readonly ChargeRequest Request = SimulatedProvider.Request("ord-1");
    private static readonly ChargeOutcome.Captured Captured = new("ch_1", DateTimeOffset.UnixEpoch, 12.34m, "GBP");
    private static readonly ChargeOutcome.Unknown Unknown = new("no answer");
    private static readonly ChargeOutcome.NotExecuted Down = new("refused", TimeSpan.FromSeconds(7), IsProviderDown: true);
    private static readonly ChargeOutcome.NotExecuted Limited = new("429", TimeSpan.FromSeconds(7), IsProviderDown: false);
    private static readonly ChargeLookup.NotFound NotFound = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Unknown_is_retried_and_not_looked_up_while_the_key_is_young()
    {
        var gateway = new ScriptedGateway([Unknown], [NotFound]);
        var retry = Assert.IsType<ChargeDecision.RetryLater>(await Flow(gateway).ExecuteAsync(Request, 1, TimeSpan.Zero, default));
        Assert.False(retry.IsUnavailable);
        Assert.Equal(["charge"], gateway.Calls);
    }

    [Fact]
    public async Task After_a_few_attempts_the_provider_is_asked_first()
    {
        var gateway = new ScriptedGateway([Unknown], [new ChargeLookup.Found(Captured)]);
        Assert.IsType<ChargeDecision.Captured>(await Flow(gateway).ExecuteAsync(Request, 4, TimeSpan.FromMinutes(1), default));
        Assert.Equal(["look up"], gateway.Calls);
    }

    [Fact]
    public async Task A_key_older_than_its_lifetime_is_looked_up_before_it_is_used()
    {
        var age = TimeSpan.FromHours(23);
        var found = new ScriptedGateway([Captured], [new ChargeLookup.Found(Captured)]);
        Assert.IsType<ChargeDecision.Captured>(await Flow(found).ExecuteAsync(Request, 1, age, default));
        Assert.Equal(["look up"], found.Calls);

        var notFound = new ScriptedGateway([Captured], [NotFound]);
        Assert.IsType<ChargeDecision.Captured>(await Flow(notFound).ExecuteAsync(Request, 1, age, default));
        Assert.Equal(["look up", "charge"], notFound.Calls);

        var unavailable = new ScriptedGateway([Captured], [new ChargeLookup.Unavailable("down", IsProviderDown: true)]);
        var retry = Assert.IsType<ChargeDecision.RetryLater>(await Flow(unavailable).ExecuteAsync(Request, 1, age, default));
        Assert.True(retry.IsUnavailable);
        Assert.Equal(["look up"], unavailable.Calls);
    }

    [Fact]
    public async Task The_last_attempt_looks_up_before_giving_up()
    {
        var found = new ScriptedGateway([Unknown], [NotFound, new ChargeLookup.Found(Captured)]);
        Assert.IsType<ChargeDecision.Captured>(await Flow(found).ExecuteAsync(Request, 10, TimeSpan.Zero, default));
        Assert.Equal(["look up", "charge", "look up"], found.Calls);

        var unknown = new ScriptedGateway([Unknown], [NotFound]);
        Assert.True(Assert.IsType<ChargeDecision.GiveUp>(await Flow(unknown).ExecuteAsync(Request, 10, TimeSpan.Zero, default)).IsOutcomeUnknown);

        var notExecuted = new ScriptedGateway([Limited], [NotFound]);
        Assert.False(Assert.IsType<ChargeDecision.GiveUp>(await Flow(notExecuted).ExecuteAsync(Request, 10, TimeSpan.Zero, default)).IsOutcomeUnknown);
    }

    [Fact]
    public async Task An_order_is_not_parked_while_the_provider_is_down_unless_it_is_too_old()
    {
        ChargeLookup[] unavailable = [new ChargeLookup.Unavailable("down", IsProviderDown: true)];
        var waiting = await Flow(new ScriptedGateway([Down], unavailable)).ExecuteAsync(Request, 50, TimeSpan.FromDays(6), default);
        Assert.True(Assert.IsType<ChargeDecision.RetryLater>(waiting).IsUnavailable);
        var parked = await Flow(new ScriptedGateway([Down], unavailable)).ExecuteAsync(Request, 1, TimeSpan.FromDays(8), default);
        Assert.True(Assert.IsType<ChargeDecision.GiveUp>(parked).IsOutcomeUnknown);
    }

    [Fact]
    public async Task The_providers_wish_to_wait_is_honoured_and_bounded()
    {
        var limited = Assert.IsType<ChargeDecision.RetryLater>(
            await Flow(new ScriptedGateway([Limited], [NotFound])).ExecuteAsync(Request, 1, TimeSpan.Zero, default));
        Assert.InRange(limited.After, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(7.2));
        Assert.False(limited.IsUnavailable);
        var down = Assert.IsType<ChargeDecision.RetryLater>(
            await Flow(new ScriptedGateway([Down with { RetryAfter = TimeSpan.FromDays(9) }], [NotFound])).ExecuteAsync(Request, 1, TimeSpan.Zero, default));
        Assert.InRange(down.After, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5.1));
        Assert.True(down.IsUnavailable);
    }

    [Fact]
    public async Task In_progress_is_waited_for_within_one_attempt()
    {
        var running = new ChargeOutcome.Unknown("409", IsInProgress: true);
        var gateway = new ScriptedGateway([running, running, running, Captured], [NotFound]);
        var call = Flow(gateway).ExecuteAsync(Request, 1, TimeSpan.Zero, default).AsTask();
        await AdvanceUntilDoneAsync(call);
        Assert.IsType<ChargeDecision.Captured>(await call);
        Assert.Equal(["charge", "charge", "charge", "charge"], gateway.Calls);
    }

    [Fact]
    public async Task In_progress_for_too_long_is_an_attempt_that_failed()
    {
        var gateway = new ScriptedGateway([new ChargeOutcome.Unknown("409", IsInProgress: true)], [NotFound]);
        var startedAt = _time.GetUtcNow();
        var call = Flow(gateway).ExecuteAsync(Request, 1, TimeSpan.Zero, default).AsTask();
        await AdvanceUntilDoneAsync(call);
        Assert.IsType<ChargeDecision.RetryLater>(await call);
        Assert.InRange(_time.GetUtcNow() - startedAt, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_refusal_is_never_retried()
    {
        var gateway = new ScriptedGateway([new ChargeOutcome.Refused("422")], [NotFound]);
        Assert.IsType<ChargeDecision.Refused>(await Flow(gateway).ExecuteAsync(Request, 1, TimeSpan.Zero, default));
        Assert.Equal(["charge"], gateway.Calls);
    }

    [Fact]
    public void A_margin_that_eats_the_lifetime_is_refused()
    {
        var options = new ChargeFlowOptions { KeyLifetime = TimeSpan.FromHours(1) };
        var error = Assert.Throws<ValidationException>(() => new ChargeFlow(new ScriptedGateway([], []), options, new Random(1), _time));
        Assert.Contains("KeyLifetimeMargin", error.Message, StringComparison.Ordinal);
    }

    private ChargeFlow Flow(IPaymentGateway gateway) => new(gateway, new ChargeFlowOptions(), new Random(1), _time);

    private async Task AdvanceUntilDoneAsync(Task call)
    {
        for (var step = 0; step < 1000 && !call.IsCompleted; step++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }

        Assert.True(call.IsCompleted, "The flow did not end after 250 s of its clock.");
    }
}
