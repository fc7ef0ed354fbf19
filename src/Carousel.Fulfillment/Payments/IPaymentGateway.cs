namespace Carousel.Fulfillment.Payments;

/// <summary>
/// The small port to a payment provider. Implementations never throw for what a network or a provider may do;
/// they throw <see cref="PaymentContractException"/> when an answer contradicts the request, and
/// <see cref="OperationCanceledException"/> when the caller's token was cancelled (the outcome is then unknown).
/// </summary>
public interface IPaymentGateway
{
    /// <summary>Charges under the reference as idempotency key. The same request may be sent any number of times.</summary>
    ValueTask<ChargeOutcome> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>Looks up what was done under the reference of <paramref name="request"/>, and checks that it is this request.</summary>
    ValueTask<ChargeLookup> FindAsync(ChargeRequest request, CancellationToken cancellationToken);

    /// <summary>The same without a request to check against, for whoever has only the reference.</summary>
    ValueTask<ChargeLookup> FindAsync(string reference, CancellationToken cancellationToken);
}
