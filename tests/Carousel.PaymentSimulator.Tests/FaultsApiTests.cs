using System.Net;

namespace Carousel.PaymentSimulator.Tests;

public sealed class FaultsApiTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private RunningSimulator _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync(_directory);

    public async ValueTask DisposeAsync()
    {
        await _simulator.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("""{"declineRate":1.5}""", "declineRate", "between 0 and 1")]
    [InlineData("""{"rateLimitRate":-0.1}""", "rateLimitRate", "between 0 and 1")]
    [InlineData("""{"resetAfterRate":"often"}""", "resetAfterRate", "wrong type")]
    [InlineData("""{"declinerate":0.5}""", "declinerate", "isn't a field")]
    [InlineData("""{"latency":{"medianMs":60001}}""", "latency.medianMs", "between 0 and 60000")]
    [InlineData("""{"latency":{"sigma":4}}""", "latency.sigma", "between 0 and 3")]
    [InlineData("""{"latency":{"distribution":"gauss"}}""", "latency.distribution", "none, fixed or lognormal")]
    [InlineData("""{"outage":{"mode":"explode","forSeconds":1}}""", "outage.mode", "none, refuse, 503 or hang")]
    [InlineData("""{"outage":{"mode":"503"}}""", "outage.forSeconds", "above 0 and at most 3600")]
    [InlineData("""{"outage":{"mode":"hang","forSeconds":3601}}""", "outage.forSeconds", "above 0 and at most 3600")]
    public async Task A_wrong_value_is_400_names_field_and_range_and_changes_nothing(string body, string field, string says)
    {
        var (_, before) = await _simulator.AdminAsync(HttpMethod.Get, "/faults");
        var (status, problem) = await _simulator.AdminAsync(HttpMethod.Put, "/faults", body);
        var (_, after) = await _simulator.AdminAsync(HttpMethod.Get, "/faults");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, problem.GetProperty("field").GetString());
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(before.GetRawText(), after.GetRawText());
    }

    [Fact]
    public async Task Put_changes_what_it_names_and_leaves_the_rest()
    {
        await _simulator.AdminAsync(HttpMethod.Put, "/faults", """{"declineRate":0.25,"latency":{"distribution":"fixed"}}""");
        var (status, faults) = await _simulator.AdminAsync(HttpMethod.Put, "/faults", """{"latency":{"medianMs":5},"seed":7}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            """{"seed":7,"latency":{"distribution":"fixed","medianMs":5,"sigma":0.3},"declineRate":0.25,"timeoutAfterChargeRate":0,"errorAfterChargeRate":0,"errorBeforeChargeRate":0,"rateLimitRate":0,"unavailableRate":0,"resetBeforeRate":0,"resetAfterRate":0,"outage":{"mode":"none","forSeconds":0}}""",
            faults.GetRawText());
    }

    [Fact]
    public async Task The_decline_rate_is_kept_and_a_reference_is_never_decided_differently()
    {
        await _simulator.AdminAsync(HttpMethod.Put, "/faults", """{"declineRate":0.3}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => _simulator.ChargeAsync($"r{i}")));
        var declined = answers.Select(static answer => answer.StatusCode == HttpStatusCode.PaymentRequired).ToArray();
        Assert.InRange(declined.Count(static isDeclined => isDeclined), 240, 360);

        // A fresh ledger remembers nothing, so only the seed and the reference can decide.
        using var empty = new TemporaryDirectory();
        await using var other = await RunningSimulator.StartAsync(empty, RunningSimulator.NoFaults with { DeclineRate = 0.3 });
        var again = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => other.ChargeAsync($"r{i}")));
        Assert.Equal(declined, again.Select(static answer => answer.StatusCode == HttpStatusCode.PaymentRequired));
    }

    [Theory]
    [InlineData("tok_rate_limited", 429)]
    [InlineData("tok_unavailable", 503)]
    [InlineData("tok_error_before_charge", 500)]
    public async Task A_fault_before_the_charge_leaves_no_entry(string token, int status)
    {
        using var response = await _simulator.ChargeAsync("a:charge:1", token: token);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status != 500, response.Headers.RetryAfter is not null);
        Assert.Empty(await _simulator.LedgerAsync());
    }

    [Fact]
    public async Task An_outage_of_503_counts_down_and_can_be_ended()
    {
        await _simulator.AdminAsync(HttpMethod.Put, "/faults", """{"outage":{"mode":"503","forSeconds":3000}}""");
        using var during = await _simulator.ChargeAsync("a:charge:1");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, during.StatusCode);
        Assert.InRange(during.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 2900, 3000);
        await _simulator.AdminAsync(HttpMethod.Put, "/faults", """{"outage":{"mode":"none"}}""");
        using var after = await _simulator.ChargeAsync("a:charge:1");
        Assert.Equal(HttpStatusCode.Created, after.StatusCode);
    }

    [Fact]
    public async Task A_refusing_outage_closes_the_port_and_opens_it_again()
    {
        using var before = await _simulator.ChargeAsync("a:charge:1");
        await _simulator.AdminAsync(HttpMethod.Put, "/faults", """{"outage":{"mode":"refuse","forSeconds":3000}}""");

        // The first calls may still go out on the connection that is being dropped.
        using var closing = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        HttpRequestException error;
        do
        {
            Assert.False(closing.IsCancellationRequested, "Connections were not refused 10 s after the outage began.");
            error = await Assert.ThrowsAnyAsync<HttpRequestException>(() => _simulator.ChargeAsync("b:charge:1"));
        }
        while (error.HttpRequestError != HttpRequestError.ConnectionError);

        await _simulator.AdminAsync(HttpMethod.Put, "/faults", """{"outage":{"mode":"refuse","forSeconds":0.3}}""");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        HttpResponseMessage? after = null;
        while (after is null)
        {
            Assert.False(limit.IsCancellationRequested, "The port was not open again 10 s after the outage.");
            try
            {
                after = await _simulator.ChargeAsync("b:charge:1");
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
            {
                await Task.Yield();
            }
        }

        Assert.Equal(HttpStatusCode.Created, after.StatusCode);
        Assert.Equal(2, (await _simulator.LedgerAsync()).Length);
    }
}
