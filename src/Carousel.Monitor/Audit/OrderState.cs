namespace Carousel.Monitor.Audit;

/// <summary>What the audit knows of one order, in 64 bytes.</summary>
internal struct OrderState
{
    /// <summary>In <c>orders</c>, the first record of it.</summary>
    public PackedPosition Accepted;

    public PackedPosition Validated;

    public PackedPosition Fulfilled;

    /// <summary>Of <see cref="Carousel.Orders.OrderFingerprint"/>.</summary>
    public ulong Fingerprint;

    /// <summary>The sum over its lines of quantity × digest of the SKU: equal for equal pieces, however they are split into lines.</summary>
    public ulong Pieces;

    /// <summary>Digest of the payment id that the fulfilled order names.</summary>
    public ulong PaymentId;

    /// <summary>A schema's 18 digits fit.</summary>
    public long AmountHundredths;

    public OrderMarks Marks;

    public short Currency;

    public byte Captures;

    public byte Refunds;

    public readonly decimal Amount => AmountHundredths / 100m;

    public readonly bool Has(OrderMarks marks) => (Marks & marks) != 0;
}

[Flags]
internal enum OrderMarks
{
    None = 0,
    RejectedByValidation = 1 << 0,
    ExhaustedByValidation = 1 << 1,
    RejectedByFulfillment = 1 << 2,
    ExhaustedByFulfillment = 1 << 3,
    DefectByFulfillment = 1 << 4,

    /// <summary>The dead letter's reason is a declined payment.</summary>
    DeclineReported = 1 << 5,
    DeclinedInLedger = 1 << 6,
    InBooks = 1 << 7,

    /// <summary>The ledger has the very payment that the fulfilled order names.</summary>
    PaymentFound = 1 << 8,

    EndedByValidation = RejectedByValidation | ExhaustedByValidation,
    EndedByFulfillment = RejectedByFulfillment | ExhaustedByFulfillment | DefectByFulfillment,
}
