using System.Text;
using Carousel.Fulfillment.Payments;

namespace Carousel.Fulfillment.Tests.Payments;

public sealed class HttpPaymentGatewayTests : IAsyncLifetime
{
    /// <summary>Long enough for a busy machine to get a charge into the ledger meanwhile.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);
    private SimulatedProvider _provider = null!;

    public async ValueTask InitializeAsync() => _provider = await SimulatedProvider.StartAsync();

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task A_charge_is_captured_and_found()
    {
        var request = SimulatedProvider.Request("ord-1");
        var captured = Assert.IsType<ChargeOutcome.Captured>(await _provider.Gateway.ChargeAsync(request, default));
        Assert.Equal((12.34m, "GBP"), (captured.Amount, captured.Currency));
        Assert.Equal(captured, await _provider.Gateway.ChargeAsync(request, default));
        Assert.Equal(new ChargeLookup.Found(captured), await _provider.Gateway.FindAsync(request.Reference, default));
        Assert.Single(await _provider.LedgerAsync());
    }

    [Fact]
    public async Task A_decline_is_final_and_found()
    {
        var request = SimulatedProvider.Request("ord-1", "tok_insufficient_funds");
        var declined = Assert.IsType<ChargeOutcome.Declined>(await _provider.Gateway.ChargeAsync(request, default));
        Assert.Equal("insufficient_funds", declined.Code);
        Assert.Equal(declined, await _provider.Gateway.ChargeAsync(request, default));
        Assert.Equal(new ChargeLookup.Found(declined), await _provider.Gateway.FindAsync(request, default));
    }

    [Theory]
    [InlineData("tok_rate_limited", false)]
    [InlineData("tok_unavailable", true)]
    public async Task Turned_away_is_not_executed_and_carries_the_wish_to_wait(string token, bool isDown)
    {
        var outcome = Assert.IsType<ChargeOutcome.NotExecuted>(
            await _provider.Gateway.ChargeAsync(SimulatedProvider.Request("ord-1", token), default));
        Assert.Equal((isDown, TimeSpan.FromSeconds(1)), (outcome.IsProviderDown, outcome.RetryAfter));
    }

    [Theory]
    [InlineData("tok_error_after_charge", "500", 1)]
    [InlineData("tok_error_before_charge", "500", 0)]
    [InlineData("tok_reset_after_charge", "broke", 1)]
    [InlineData("tok_reset_before_charge", "broke", 0)]
    [InlineData("tok_timeout_after_charge", "no answer within 3 s", 1)]
    public async Task A_lost_answer_is_unknown_whether_charged_or_not(string token, string says, int entries)
    {
        using var gateway = _provider.NewGateway(Short);
        var request = SimulatedProvider.Request("ord-1", token);
        var unknown = Assert.IsType<ChargeOutcome.Unknown>(await gateway.ChargeAsync(request, default));
        Assert.Contains(says, unknown.Reason, StringComparison.Ordinal);
        Assert.Equal(entries, (await _provider.LedgerAsync()).Count);
        Assert.Equal(entries == 1, await _provider.Gateway.FindAsync(request, default) is ChargeLookup.Found { Outcome: ChargeOutcome.Captured });
        Assert.Equal(entries == 0, await _provider.Gateway.FindAsync(request, default) is ChargeLookup.NotFound);
    }

    [Theory]
    [InlineData("tok_error_after_charge")]
    [InlineData("tok_reset_after_charge")]
    [InlineData("tok_timeout_after_charge")]
    public async Task The_same_key_after_a_lost_answer_brings_the_one_charge(string token)
    {
        using var gateway = _provider.NewGateway(Short);
        var request = SimulatedProvider.Request("ord-1", token);
        Assert.IsType<ChargeOutcome.Unknown>(await gateway.ChargeAsync(request, default));
        Assert.IsType<ChargeOutcome.Captured>(await _provider.Gateway.ChargeAsync(request, default));
        Assert.Equal([("captured", request.Reference)], await _provider.LedgerAsync());
    }

    [Fact]
    public async Task A_hundred_at_once_under_one_key_make_one_charge()
    {
        await _provider.SetFaultsAsync("""{"latency":{"distribution":"fixed","medianMs":300}}""");
        var request = SimulatedProvider.Request("ord-1");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _provider.Gateway.ChargeAsync(request, default).AsTask()));
        Assert.Contains(outcomes, static outcome => outcome is ChargeOutcome.Captured);
        Assert.All(outcomes, static outcome => Assert.True(outcome is ChargeOutcome.Captured or ChargeOutcome.Unknown { IsInProgress: true }));
        Assert.Single(await _provider.LedgerAsync());
    }

    [Fact]
    public async Task Other_values_under_a_known_key_are_refused()
    {
        await _provider.Gateway.ChargeAsync(SimulatedProvider.Request("ord-1"), default);
        var refused = Assert.IsType<ChargeOutcome.Refused>(
            await _provider.Gateway.ChargeAsync(SimulatedProvider.Request("ord-1", amount: 12.35m), default));
        Assert.Contains("422", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lookup_that_contradicts_the_request_throws()
    {
        await _provider.Gateway.ChargeAsync(SimulatedProvider.Request("ord-1"), default);
        var error = await Assert.ThrowsAsync<PaymentContractException>(
            async () => await _provider.Gateway.FindAsync(SimulatedProvider.Request("ord-1", amount: 12.35m), default));
        Assert.Contains("12.35", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refunded_charge_is_neither_charged_again_nor_fulfilled()
    {
        var request = SimulatedProvider.Request("ord-1");
        var captured = Assert.IsType<ChargeOutcome.Captured>(await _provider.Gateway.ChargeAsync(request, default));
        await _provider.RefundAsync(captured.PaymentId);
        Assert.True(await _provider.Gateway.FindAsync(request, default) is ChargeLookup.Found { Outcome: ChargeOutcome.Refused });
    }

    [Fact]
    public async Task Nobody_at_the_port_is_not_executed_and_a_restart_knows_the_charge()
    {
        var request = SimulatedProvider.Request("ord-1");
        var captured = await _provider.Gateway.ChargeAsync(request, default);
        using var fresh = _provider.NewGateway(TimeSpan.FromSeconds(10));
        await _provider.StopAsync();
        var outcome = Assert.IsType<ChargeOutcome.NotExecuted>(await fresh.ChargeAsync(request, default));
        Assert.True(outcome.IsProviderDown);
        Assert.Equal(true, (await fresh.FindAsync(request, default) as ChargeLookup.Unavailable)?.IsProviderDown);
        await _provider.RestartAsync();
        Assert.Equal(captured, await fresh.ChargeAsync(request, default));
    }

    [Fact]
    public async Task A_refused_connection_is_not_executed_and_the_same_client_goes_on_afterwards()
    {
        var request = SimulatedProvider.Request("ord-1");
        await _provider.SetFaultsAsync("""{"outage":{"mode":"refuse","forSeconds":600}}""");
        var refused = Assert.IsType<ChargeOutcome.NotExecuted>(await _provider.Gateway.ChargeAsync(request, default));
        Assert.True(refused.IsProviderDown);
        await _provider.SetFaultsAsync("""{"outage":{"mode":"none"}}""");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (await _provider.Gateway.ChargeAsync(request, default) is not ChargeOutcome.Captured)
        {
            Assert.False(limit.IsCancellationRequested, "The provider was not back 10 s after its outage.");
        }

        Assert.Single(await _provider.LedgerAsync());
    }

    [Fact]
    public async Task An_outage_that_hangs_is_unknown_and_nothing_was_executed()
    {
        using var gateway = _provider.NewGateway(Short);
        await _provider.SetFaultsAsync("""{"outage":{"mode":"hang","forSeconds":60}}""");
        Assert.IsType<ChargeOutcome.Unknown>(await gateway.ChargeAsync(SimulatedProvider.Request("ord-1"), default));
        Assert.IsType<ChargeLookup.Unavailable>(await gateway.FindAsync(SimulatedProvider.Request("ord-1"), default));
        Assert.Empty(await _provider.LedgerAsync());
    }

    [Fact]
    public async Task The_callers_cancellation_is_not_an_outcome()
    {
        await _provider.SetFaultsAsync("""{"outage":{"mode":"hang","forSeconds":60}}""");
        using var cancelled = new CancellationTokenSource();
        var call = _provider.Gateway.ChargeAsync(SimulatedProvider.Request("ord-1"), cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Thousands_in_flight_are_all_captured()
    {
        await _provider.SetFaultsAsync("""{"latency":{"distribution":"fixed","medianMs":200}}""");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 3000)
            .Select(i => _provider.Gateway.ChargeAsync(SimulatedProvider.Request($"ord-{i}"), default).AsTask()));
        Assert.All(outcomes, static outcome => Assert.IsType<ChargeOutcome.Captured>(outcome));
        Assert.Equal(3000, (await _provider.LedgerAsync()).Distinct().Count());
    }

    [Fact]
    public void The_bytes_of_a_request_depend_on_its_values_only()
    {
        const string Expected = """{"reference":"ord-1:charge:1","orderId":"ord-1","amount":"12.30","currency":"GBP","token":"tok_visa"}""";
        Assert.Equal(Expected, Encoding.UTF8.GetString(PaymentJson.Serialize(SimulatedProvider.Request("ord-1", amount: 12.3m))));
        Assert.Equal(Expected, Encoding.UTF8.GetString(PaymentJson.Serialize(SimulatedProvider.Request("ord-1", amount: 12.3000m))));
    }

    [Theory]
    [InlineData(" ord-1", "12.34", "GBP", "t")]
    [InlineData("ord-1", "0", "GBP", "t")]
    [InlineData("ord-1", "1.234", "GBP", "t")]
    [InlineData("ord-1", "1", "gbp", "t")]
    [InlineData("ord-1", "1", "GBP", "")]
    public void A_request_that_no_order_can_hold_is_refused_at_once(string orderId, string amount, string currency, string token) =>
        Assert.Throws<ArgumentException>(() => new ChargeRequest(
            "r", orderId, decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), currency, token));

    [Fact]
    public void A_request_never_shows_its_token() =>
        Assert.DoesNotContain("tok_visa", SimulatedProvider.Request("ord-1").ToString(), StringComparison.Ordinal);
}
