using Carousel.Fulfillment.Payments;

namespace Carousel.Fulfillment.Tests.Payments;

public sealed class ChargeUnderFaultsTests
{
    private const int Orders = 2000;

    [Fact]
    public async Task With_all_faults_on_every_order_ends_with_exactly_one_entry_that_agrees()
    {
        await using var provider = await SimulatedProvider.StartAsync(
            SimulatedProvider.NoFaults with
            {
                Seed = 42,
                DeclineRate = 0.1,
                TimeoutAfterChargeRate = 0.02,
                ErrorAfterChargeRate = 0.1,
                ErrorBeforeChargeRate = 0.1,
                RateLimitRate = 0.05,
                UnavailableRate = 0.05,
                ResetBeforeRate = 0.05,
                ResetAfterRate = 0.1,
            },
            callTimeout: TimeSpan.FromSeconds(2));
        var options = new ChargeFlowOptions { AttemptsMax = 1000, RetryAfterMax = TimeSpan.FromSeconds(1), BackoffBase = TimeSpan.FromMilliseconds(1) };
        var flow = new ChargeFlow(provider.Gateway, options, new Random(42), TimeProvider.System);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        // Each order twice at the same time, as two instances would after a rebalance.
        var ends = await Task.WhenAll(Enumerable.Range(0, Orders * 2).Select(i => EndAsync(flow, $"ord-{i / 2}", limit.Token)));

        var ledger = await provider.LedgerAsync();
        Assert.Equal(Orders, ledger.Count);
        var byReference = ledger.ToDictionary(static entry => entry.Reference, static entry => entry.Kind, StringComparer.Ordinal);
        Assert.Equal(Orders, byReference.Count);
        Assert.All(ends, end => Assert.Equal(byReference[end.Reference], end.Kind));
        Assert.Contains(ends, static end => end.Kind == "declined");
    }

    [Fact]
    public async Task When_no_answer_ever_comes_the_lookup_finds_the_charge()
    {
        await using var provider = await SimulatedProvider.StartAsync(SimulatedProvider.NoFaults with { ErrorAfterChargeRate = 1 });
        var flow = new ChargeFlow(provider.Gateway, new ChargeFlowOptions { AttemptsMax = 2 }, new Random(1), TimeProvider.System);
        var request = SimulatedProvider.Request("ord-1");
        Assert.IsType<ChargeDecision.RetryLater>(await flow.ExecuteAsync(request, 1, TimeSpan.Zero, default));
        Assert.IsType<ChargeDecision.Captured>(await flow.ExecuteAsync(request, 2, TimeSpan.Zero, default));
        Assert.Single(await provider.LedgerAsync());
    }

    private static async Task<(string Reference, string Kind)> EndAsync(ChargeFlow flow, string orderId, CancellationToken limit)
    {
        var request = SimulatedProvider.Request(orderId);
        for (var attempt = 1; ; attempt++)
        {
            switch (await flow.ExecuteAsync(request, attempt, TimeSpan.Zero, limit))
            {
                case ChargeDecision.Captured:
                    return (request.Reference, "captured");
                case ChargeDecision.Declined:
                    return (request.Reference, "declined");
                case ChargeDecision.RetryLater retry:
                    await Task.Delay(retry.After, limit);
                    break;
                case var other:
                    throw new InvalidOperationException($"{request.Reference} ended with {other}.");
            }
        }
    }
}
