namespace Carousel.Monitor.Audit;

/// <summary>The payment provider's ledger: every charge and refund that took effect or was declined.</summary>
public interface IPaymentLedger
{
    /// <exception cref="AuditException">The ledger can't be read.</exception>
    IAsyncEnumerable<LedgerEntry> ReadAsync(CancellationToken cancellationToken);
}

/// <param name="PaymentId">The charge's id; of a refund, the id of the charge it refunds.</param>
/// <param name="Reference">What the charge was made under, such as <c>{orderId}:charge:1</c>.</param>
/// <param name="Amount">Above 0, for refunds too.</param>
public sealed record LedgerEntry(
    string PaymentId, string Reference, string OrderId, decimal Amount, string Currency, LedgerStatus Status, DateTime At);

public enum LedgerStatus
{
    Captured,
    Declined,
    Refunded,
}
