using Carousel.Orders;
using Carousel.Stages;

namespace Carousel.Validation.Reservations;

/// <summary>What became of an order: the one copy of its status.</summary>
public enum ReservationState
{
    /// <summary>Validated; its stock is held until it is charged.</summary>
    Reserved,

    /// <summary>Charged; its stock is sold.</summary>
    Sold,

    /// <summary>Refused by validation; it never held stock.</summary>
    Rejected,

    /// <summary>Refused by fulfillment; its stock is available again.</summary>
    Released,
}

/// <summary>Where in the log a record is.</summary>
public readonly record struct RecordPosition(SourcePartition Partition, long Offset)
{
    public override string ToString() => $"{Partition}@{Offset}";
}

/// <param name="Quantity">Pieces over all lines of the order, at least 1.</param>
public readonly record struct ReservedItem(string Sku, long Quantity);

/// <summary>An order as validation decided it, and how it ended. Times are UTC with microseconds.</summary>
/// <param name="Client">The API client that posted it, or null where the record names none.</param>
/// <param name="Fingerprint"><see cref="OrderFingerprint"/> of the order.</param>
/// <param name="Source">The record it was first read from.</param>
/// <param name="Items">What it holds or held; empty for a rejected order.</param>
/// <param name="DecidedAt">When validation reserved or rejected it.</param>
/// <param name="SettledAt">When it was fulfilled, or refused by fulfillment; null before.</param>
/// <param name="Reason">Stable code, where it was rejected or released.</param>
/// <param name="Detail">One sentence to go with the reason.</param>
/// <param name="PaymentId">The charge, where it is sold.</param>
public sealed record Reservation(
    OrderId OrderId,
    ReservationState State,
    byte[] Fingerprint,
    string CustomerId,
    string? Client,
    RecordPosition Source,
    string Currency,
    decimal Amount,
    IReadOnlyList<ReservedItem> Items,
    DateTime CreatedAt,
    DateTime DecidedAt,
    DateTime? SettledAt = null,
    string? Reason = null,
    string? Detail = null,
    string? PaymentId = null)
{
    /// <summary>When its stock was reserved; null for an order that validation refused.</summary>
    public DateTime? ValidatedAt => State == ReservationState.Rejected ? null : DecidedAt;
}
