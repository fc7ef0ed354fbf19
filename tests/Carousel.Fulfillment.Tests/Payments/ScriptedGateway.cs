using Carousel.Fulfillment.Payments;

namespace Carousel.Fulfillment.Tests.Payments;

/// <summary>Plays back outcomes and lookups in order, the last one for ever, and notes what was called.</summary>
internal sealed class ScriptedGateway(ChargeOutcome[] outcomes, ChargeLookup[] lookups) : IPaymentGateway
{
    private int _charges;
    private int _lookups;

    public List<string> Calls { get; } = [];

    public Action? OnCharge { get; set; }

    public ValueTask<ChargeOutcome> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        Calls.Add("charge");
        OnCharge?.Invoke();
        return ValueTask.FromResult(outcomes[Math.Min(_charges++, outcomes.Length - 1)]);
    }

    public ValueTask<ChargeLookup> FindAsync(ChargeRequest request, CancellationToken cancellationToken) => FindAsync(request.Reference, cancellationToken);

    public ValueTask<ChargeLookup> FindAsync(string reference, CancellationToken cancellationToken)
    {
        Calls.Add("look up");
        return ValueTask.FromResult(lookups[Math.Min(_lookups++, lookups.Length - 1)]);
    }
}
