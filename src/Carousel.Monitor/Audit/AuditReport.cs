using Carousel.Orders;

namespace Carousel.Monitor.Audit;

/// <summary>What an audit found.</summary>
/// <param name="LogMoved">Records arrived while the audit read, so what came after its snapshot is in none of the counts.</param>
public sealed record AuditReport(
    AuditVerdict Verdict, bool LogMoved, Reconciliation Reconciliation, NotEndedYet NotEnded, IReadOnlyList<FindingGroup> Findings);

public enum AuditVerdict
{
    /// <summary>Every order ended exactly once, and money and stock agree.</summary>
    Balanced,

    /// <summary>Nothing is wrong so far, but not everything has ended: audit again later.</summary>
    NotEndedYet,

    /// <summary>Something that must never happen has happened.</summary>
    Broken,
}

/// <summary>All findings of one kind.</summary>
/// <param name="Count">Exact, however many examples are kept.</param>
public sealed record FindingGroup(FindingKind Kind, Invariant Invariant, long Count, IReadOnlyList<AuditFinding> Examples);

/// <param name="Message">One sentence with ids, positions and amounts.</param>
public sealed record AuditFinding(string Message, string? OrderId, LogPosition? Position, decimal? Amount, string? Currency);

/// <summary>The books in figures.</summary>
/// <param name="Records">Records in <c>orders</c>.</param>
/// <param name="NotOrders">Of those, records that can't be orders.</param>
/// <param name="Conflicts">Of those, other orders under a known id.</param>
/// <param name="Repeats">Of those, repeats of an order.</param>
/// <param name="Accepted">Distinct orders: what is left.</param>
/// <param name="UnitsSold">Pieces in fulfilled orders.</param>
public sealed record Reconciliation(
    long Records,
    long NotOrders,
    long Conflicts,
    long Repeats,
    long Accepted,
    long Validated,
    long Fulfilled,
    IReadOnlyList<DeadLetterCount> DeadLetters,
    IReadOnlyList<MoneyCount> Charged,
    IReadOnlyList<MoneyCount> Refunded,
    long Declined,
    long UnitsSold,
    StockTotals Stock);

public sealed record DeadLetterCount(DeadLetterCategory Category, string Reason, long Count);

public sealed record MoneyCount(string Currency, long Count, decimal Sum);

public sealed record StockTotals(long Skus, long Initial, long Available, long Reserved, long Sold);

/// <summary>What is still on its way, with a few order ids or positions.</summary>
/// <param name="AwaitingValidation">Records of <c>orders</c> that nothing came of yet.</param>
/// <param name="AwaitingFulfillment">Validated orders that haven't ended.</param>
/// <param name="AwaitingSettlement">Ended orders whose reservation isn't closed yet.</param>
/// <param name="ParkedCharged">EXHAUSTED orders whose money was taken: a person has to redrive or abandon them.</param>
public sealed record NotEndedYet(
    long AwaitingValidation, long AwaitingFulfillment, long AwaitingSettlement, long ParkedCharged, IReadOnlyList<string> Examples)
{
    public long Total => AwaitingValidation + AwaitingFulfillment + AwaitingSettlement + ParkedCharged;
}
