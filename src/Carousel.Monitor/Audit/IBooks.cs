namespace Carousel.Monitor.Audit;

/// <summary>What validation's database holds.</summary>
public interface IBooks
{
    /// <summary>One consistent view: everything read from it was true at the same moment.</summary>
    /// <exception cref="AuditException">The database can't be read.</exception>
    ValueTask<IBooksSnapshot> OpenAsync(CancellationToken cancellationToken);
}

public interface IBooksSnapshot : IAsyncDisposable
{
    IAsyncEnumerable<ReservationEntry> ReservationsAsync(CancellationToken cancellationToken);

    IAsyncEnumerable<StockEntry> StockAsync(CancellationToken cancellationToken);
}

/// <param name="Reason">Of a rejection or release.</param>
/// <param name="Amount">Null where the database doesn't keep it.</param>
/// <param name="Currency">Null where the database doesn't keep it.</param>
/// <param name="Lines">Pieces per SKU; empty where nothing was ever reserved. A SKU may come more than once.</param>
/// <param name="PaymentId">Of a sold order; null where the database doesn't keep it.</param>
public sealed record ReservationEntry(
    string OrderId,
    ReservationState State,
    string? Reason,
    decimal? Amount,
    string? Currency,
    IReadOnlyList<SkuQuantity> Lines,
    string? PaymentId);

public readonly record struct SkuQuantity(string Sku, long Quantity);

public enum ReservationState
{
    Reserved,
    Sold,
    Rejected,
    Released,
}

/// <param name="Initial">What was seeded: the sum that the other three must keep.</param>
public sealed record StockEntry(string Sku, long Initial, long Available, long Reserved, long Sold);
