namespace Carousel.Orders;

/// <summary>A record that left the flow, byte for byte, with where it came from and why.</summary>
/// <param name="Reason">A stable code: one of <see cref="DeadLetterReasons"/> or <see cref="RuleCodes"/>.</param>
/// <param name="Detail">One sentence for a person; never a payment token.</param>
/// <param name="OrderId">Null where the record can't be read as an order.</param>
/// <param name="Timestamp">The source record's.</param>
public sealed record DeadLetter(
    string Stage,
    DeadLetterCategory Category,
    string Reason,
    string Detail,
    string? OrderId,
    int Attempts,
    DateTime FailedAt,
    string Topic,
    int Partition,
    long Offset,
    DateTime Timestamp,
    byte[]? Key,
    byte[]? Value,
    IReadOnlyList<DeadLetterHeader> Headers);

public sealed record DeadLetterHeader(string Name, byte[]? Value);

/// <summary>What kind of trouble a dead letter is, and so who has to look at it.</summary>
public enum DeadLetterCategory
{
    /// <summary>This can't be an order: bytes, schema or rules. Somebody bypassed the gateway, or versions mismatch.</summary>
    Defect,

    /// <summary>A sound order that business refuses.</summary>
    Rejection,

    /// <summary>Retries ran out; a person has to decide.</summary>
    Exhausted,
}

/// <summary>Stable reason codes beside those of <see cref="RuleCodes"/>.</summary>
public static class DeadLetterReasons
{
    public const string Malformed = "MALFORMED";
    public const string UnknownSchema = "UNKNOWN_SCHEMA";
    public const string IncompatibleSchema = "INCOMPATIBLE_SCHEMA";
    public const string WrongKey = "WRONG_KEY";
    public const string WrongStatus = "WRONG_STATUS";
    public const string ConflictingDuplicate = "CONFLICTING_DUPLICATE";
    public const string UnknownCustomer = "UNKNOWN_CUSTOMER";
    public const string BlockedCustomer = "BLOCKED_CUSTOMER";
    public const string UnknownItem = "UNKNOWN_ITEM";
    public const string OutOfStock = "OUT_OF_STOCK";
    public const string PaymentDeclined = "PAYMENT_DECLINED";
    public const string PaymentRefused = "PAYMENT_REFUSED";
    public const string PaymentUnknown = "PAYMENT_UNKNOWN";
}
