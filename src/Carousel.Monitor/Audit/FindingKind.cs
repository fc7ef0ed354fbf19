namespace Carousel.Monitor.Audit;

/// <summary>What is wrong.</summary>
public enum FindingKind
{
    /// <summary>A stage has gone past the record and nothing came of it. Position of the source record.</summary>
    LostRecord,

    /// <summary>Records were deleted before they were audited. Position of the first that is left.</summary>
    HistoryMissing,

    /// <summary>An order left a stage both ways, or by two dead letters.</summary>
    EndedTwice,
    ValidatedTwice,
    FulfilledTwice,

    /// <summary>One source record has two dead letters. Position of the second.</summary>
    DeadLetteredTwice,

    /// <summary>An output of something that was never in the input.</summary>
    OutputWithoutInput,
    FulfilledNotValidated,

    /// <summary>An output holds another order than the input under the same id.</summary>
    OutputDiffers,

    /// <summary>A dead letter holds other bytes than its source record.</summary>
    DeadLetterBytesDiffer,

    /// <summary>An output that can't be read.</summary>
    UnreadableOutput,

    /// <summary>A sound order was dead-lettered as DEFECT.</summary>
    SoundOrderCalledDefect,

    /// <summary>Another order under a known id was passed over in silence.</summary>
    ConflictNotReported,

    ChargedTwice,

    /// <summary>Charged and kept, although the order was rejected.</summary>
    ChargedNotFulfilled,
    ChargeOfUnknownOrder,

    /// <summary>The charge's amount or currency isn't the order's.</summary>
    ChargeDiffers,

    /// <summary>The fulfilled order names another payment, or other money, than was charged.</summary>
    PaymentDiffers,
    FulfilledWithoutCharge,

    /// <summary>The only charge was declined, and the order is fulfilled.</summary>
    DeclinedAndFulfilled,

    /// <summary>The order was rejected as declined, and the ledger knows of no decline.</summary>
    DeclineNotInLedger,

    /// <summary>initial isn't available + reserved + sold.</summary>
    StockUnbalanced,
    StockNegative,

    /// <summary>The item's sold pieces aren't those of the fulfilled orders.</summary>
    SoldUnitsDiffer,

    /// <summary>The item's reserved pieces aren't those of the orders that hold stock.</summary>
    ReservedUnitsDiffer,

    /// <summary>An item was ordered and validated, and has no stock row.</summary>
    StockRowMissing,
    ReservationMissing,
    ReservationOfUnknownOrder,

    /// <summary>The database knows the order with other money, pieces or payment.</summary>
    ReservationDiffers,

    /// <summary>The database's state isn't where the topics say that the order is.</summary>
    ReservationStateDiffers,

    /// <summary>Settlement has gone past the order's end and its reservation is still open.</summary>
    NotSettled,

    /// <summary>Two records of one key passed each other. Position of the output that came too late.</summary>
    OrderOvertaken,
}

/// <summary>The first four of "What must never happen".</summary>
public enum Invariant
{
    EndsOnce = 1,
    ChargedOnce = 2,
    StockKept = 3,
    OrderPerCustomer = 4,
}

internal static class FindingKinds
{
    public static Invariant InvariantOf(FindingKind kind) => kind switch
    {
        < FindingKind.ChargedTwice => Invariant.EndsOnce,
        < FindingKind.StockUnbalanced => Invariant.ChargedOnce,
        < FindingKind.OrderOvertaken => Invariant.StockKept,
        _ => Invariant.OrderPerCustomer,
    };
}
