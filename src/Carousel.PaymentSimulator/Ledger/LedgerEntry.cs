namespace Carousel.PaymentSimulator.Ledger;

internal enum LedgerEntryKind : byte
{
    Captured = 1,
    Declined = 2,
    Refunded = 3,
}

/// <summary>
/// One thing that happened to money. <see cref="Detail"/> is the decline code, or the idempotency key of a refund.
/// The payment token is kept only inside <see cref="Fingerprint"/>, so that the ledger holds nothing that could pay.
/// </summary>
internal sealed record LedgerEntry(
    LedgerEntryKind Kind,
    string Reference,
    string OrderId,
    long AmountHundredths,
    string Currency,
    string Detail,
    UInt128 Fingerprint,
    int RefundedOrdinal,
    long AtUnixMs)
{
    /// <summary>The position among all entries, from 0; a charge's id is made from it. It is not stored: the file's order is the truth.</summary>
    public int Ordinal { get; init; } = -1;

    public decimal Amount => AmountHundredths / 100m;
}
