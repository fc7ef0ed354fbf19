using System.Net;
using System.Text.Json;

namespace Carousel.PaymentSimulator.Tests;

public sealed class ChargeApiTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private RunningSimulator _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync(_directory);

    public async ValueTask DisposeAsync()
    {
        await _simulator.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_charge_is_created_and_its_replay_is_the_same_bytes()
    {
        using var first = await _simulator.ChargeAsync("a:charge:1");
        using var second = await _simulator.ChargeAsync("a:charge:1");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotent-Replayed")));
        var body = await first.Content.ReadAsStringAsync();
        Assert.Equal(body, await second.Content.ReadAsStringAsync());
        var charge = JsonDocument.Parse(body).RootElement;
        Assert.Equal("captured", charge.GetProperty("status").GetString());
        Assert.Equal("12.34", charge.GetProperty("amount").GetString());
        Assert.StartsWith("ch_", charge.GetProperty("id").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tok_declined", "card_declined")]
    [InlineData("tok_insufficient_funds", "insufficient_funds")]
    [InlineData("tok_expired_card", "expired_card")]
    public async Task A_decline_is_recorded_and_replayed(string token, string code)
    {
        using var first = await _simulator.ChargeAsync("a:charge:1", token: token);
        using var second = await _simulator.ChargeAsync("a:charge:1", token: token);
        Assert.Equal((HttpStatusCode.PaymentRequired, HttpStatusCode.PaymentRequired), (first.StatusCode, second.StatusCode));
        var body = await first.Content.ReadAsStringAsync();
        Assert.Equal(body, await second.Content.ReadAsStringAsync());
        Assert.Equal(code, JsonDocument.Parse(body).RootElement.GetProperty("code").GetString());
        Assert.Contains("\"kind\":\"declined\"", Assert.Single(await _simulator.LedgerAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_parameters_under_the_same_key_are_422_and_charge_nothing()
    {
        using var first = await _simulator.ChargeAsync("a:charge:1");
        using var amount = await _simulator.ChargeAsync("a:charge:1", amount: "12.35");
        using var token = await _simulator.ChargeAsync("a:charge:1", token: "tok_other");
        using var sameAmount = await _simulator.ChargeAsync("a:charge:1", amount: "12.340");
        Assert.Equal((HttpStatusCode)422, amount.StatusCode);
        Assert.Equal((HttpStatusCode)422, token.StatusCode);
        Assert.Equal(HttpStatusCode.OK, sameAmount.StatusCode);
        Assert.Contains("urn:carousel:payments:idempotency-key-reused", await amount.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(await _simulator.LedgerAsync());
    }

    [Theory]
    [InlineData("""{"reference":"r","orderId":"o","amount":12.34,"currency":"GBP","token":"t"}""", "amount")]
    [InlineData("""{"reference":"r","orderId":"o","amount":"0","currency":"GBP","token":"t"}""", "amount")]
    [InlineData("""{"reference":"r","orderId":"o","amount":"-1","currency":"GBP","token":"t"}""", "amount")]
    [InlineData("""{"reference":"r","orderId":"o","amount":"1.234","currency":"GBP","token":"t"}""", "amount")]
    [InlineData("""{"reference":"r","orderId":"o","amount":"1e3","currency":"GBP","token":"t"}""", "amount")]
    [InlineData("""{"reference":"r","orderId":"o","amount":"1.23","currency":"gbp","token":"t"}""", "currency")]
    [InlineData("""{"reference":"r","orderId":"o","amount":"1.23","currency":"GBP"}""", "token")]
    [InlineData("""{"reference":"r","amount":"1.23","currency":"GBP","token":"t"}""", "orderId")]
    [InlineData("""{"reference":"other","orderId":"o","amount":"1.23","currency":"GBP","token":"t"}""", "Idempotency-Key")]
    [InlineData("""{"reference":"r é","orderId":"o","amount":"1.23","currency":"GBP","token":"t"}""", "reference")]
    [InlineData("""{"reference":""", null)]
    [InlineData("[]", null)]
    [InlineData("", null)]
    public async Task A_bad_request_is_400_and_names_the_field(string body, string? field)
    {
        using var response = await _simulator.PostAsync("/v1/charges", body, "r");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("urn:carousel:payments:bad-request", problem.GetProperty("type").GetString());
        Assert.Equal(field, problem.TryGetProperty("field", out var named) ? named.GetString() : null);
        Assert.Empty(await _simulator.LedgerAsync());
    }

    [Fact]
    public async Task A_body_without_end_is_413()
    {
        using var response = await _simulator.PostAsync("/v1/charges", new string('x', 20_000), "r");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_charge_is_found_by_reference_and_by_id()
    {
        using var charged = await _simulator.ChargeAsync("a:charge:1");
        var body = await charged.Content.ReadAsStringAsync();
        using var byReference = await _simulator.GetAsync("/v1/charges?reference=a%3Acharge%3A1");
        using var byId = await _simulator.GetAsync("/v1/charges/" + JsonDocument.Parse(body).RootElement.GetProperty("id").GetString());
        using var unknown = await _simulator.GetAsync("/v1/charges?reference=b");
        using var unknownId = await _simulator.GetAsync("/v1/charges/ch_0000000000000000");
        Assert.Equal(body, await byReference.Content.ReadAsStringAsync());
        Assert.Equal(body, await byId.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (unknown.StatusCode, unknownId.StatusCode));
    }

    [Fact]
    public async Task While_the_first_call_runs_others_and_lookups_are_409()
    {
        await _simulator.AdminAsync(HttpMethod.Put, "/faults", """{"latency":{"distribution":"fixed","medianMs":1500}}""");
        var calls = Enumerable.Range(0, 100).Select(_ => _simulator.ChargeAsync("a:charge:1")).ToArray();
        Assert.Equal(HttpStatusCode.Conflict, (await await Task.WhenAny(calls)).StatusCode);
        using var lookup = await _simulator.GetAsync("/v1/charges?reference=a:charge:1");
        Assert.Equal(HttpStatusCode.Conflict, lookup.StatusCode);
        var answers = await Task.WhenAll(calls);
        Assert.Equal(1, answers.Count(static answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.Equal(99, answers.Count(static answer => answer.StatusCode == HttpStatusCode.Conflict));
        Assert.Single(await _simulator.LedgerAsync());
        var (_, summary) = await _simulator.AdminAsync(HttpMethod.Get, "/v1/ledger/summary");
        Assert.Equal(99, summary.GetProperty("duplicatesPrevented").GetInt64());
    }

    [Fact]
    public async Task A_refund_happens_once_is_replayed_and_is_summed_up()
    {
        using var charged = await _simulator.ChargeAsync("a:charge:1");
        var id = JsonDocument.Parse(await charged.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString();
        using var first = await _simulator.PostAsync($"/v1/charges/{id}/refund", "", "a:refund:1");
        using var replay = await _simulator.PostAsync($"/v1/charges/{id}/refund", "", "a:refund:1");
        using var otherKey = await _simulator.PostAsync($"/v1/charges/{id}/refund", "", "a:refund:2");
        using var noKey = await _simulator.PostAsync($"/v1/charges/{id}/refund", "", null);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, replay.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await replay.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.BadRequest), (otherKey.StatusCode, noKey.StatusCode));
        using var found = await _simulator.GetAsync("/v1/charges?reference=a:charge:1");
        Assert.Contains("\"status\":\"refunded\"", await found.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var (_, summary) = await _simulator.AdminAsync(HttpMethod.Get, "/v1/ledger/summary");
        Assert.Equal(
            """[{"currency":"GBP","captured":{"count":1,"sum":"12.34"},"declined":{"count":0,"sum":"0.00"},"refunded":{"count":1,"sum":"12.34"}}]""",
            summary.GetProperty("currencies").GetRawText());
    }

    [Fact]
    public async Task A_declined_charge_cannot_be_refunded_and_a_key_refunds_one_charge()
    {
        using var declined = await _simulator.ChargeAsync("a:charge:1", token: "tok_declined");
        using var captured = await _simulator.ChargeAsync("b:charge:1");
        using var other = await _simulator.ChargeAsync("c:charge:1");
        using var refusal = await RefundAsync(declined, "k");
        using var refund = await RefundAsync(captured, "k");
        using var reused = await RefundAsync(other, "k");
        Assert.Equal(
            (HttpStatusCode.Conflict, HttpStatusCode.OK, (HttpStatusCode)422), (refusal.StatusCode, refund.StatusCode, reused.StatusCode));
    }

    [Fact]
    public async Task After_a_kill_everything_answered_is_known()
    {
        using var captured = await _simulator.ChargeAsync("a:charge:1");
        using var declined = await _simulator.ChargeAsync("b:charge:1", token: "tok_declined");
        using var refund = await RefundAsync(captured, "a:refund:1");
        var ledger = await _simulator.LedgerAsync();
        using var copy = _directory.CopyAsIs();
        await using var next = await RunningSimulator.StartAsync(copy);
        using var replayed = await next.ChargeAsync("a:charge:1");
        using var declinedAgain = await next.ChargeAsync("b:charge:1", token: "tok_declined");
        Assert.Equal(await captured.Content.ReadAsStringAsync(), await replayed.Content.ReadAsStringAsync());
        Assert.Equal(await declined.Content.ReadAsStringAsync(), await declinedAgain.Content.ReadAsStringAsync());
        Assert.Equal(ledger, await next.LedgerAsync());
        Assert.Equal(3, ledger.Length);
    }

    [Fact]
    public async Task Health_and_unknown_paths_answer_on_both_ports()
    {
        using var ready = await _simulator.GetAsync("/health/ready");
        using var nothing = await _simulator.GetAsync("/nothing");
        var (status, problem) = await _simulator.AdminAsync(HttpMethod.Get, "/v1/charges/a/b");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.NotFound), (ready.StatusCode, nothing.StatusCode, status));
        Assert.Contains("POST /v1/charges", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> RefundAsync(HttpResponseMessage charge, string key)
    {
        var id = JsonDocument.Parse(await charge.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString();
        return await _simulator.PostAsync($"/v1/charges/{id}/refund", "", key);
    }
}
