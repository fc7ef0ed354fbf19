namespace Carousel.Monitor.Audit;

/// <summary>Where the topics say that an order is, as far as its stock is concerned.</summary>
internal enum Standing
{
    /// <summary>Validation has said nothing of it yet.</summary>
    Undecided,

    /// <summary>Validation gave up on it without a decision.</summary>
    Parked,

    Rejected,

    /// <summary>Validated, on its way.</summary>
    Held,

    /// <summary>Validated, and parked by fulfillment until a person decides.</summary>
    HeldParked,
    Released,
    Sold,
}

internal static class Standings
{
    public static Standing Of(in OrderState state) => state switch
    {
        { Fulfilled.IsNone: false } => Standing.Sold,
        { Validated.IsNone: true } when state.Has(OrderMarks.RejectedByValidation) => Standing.Rejected,
        { Validated.IsNone: true } when state.Has(OrderMarks.ExhaustedByValidation) => Standing.Parked,
        { Validated.IsNone: true } => Standing.Undecided,
        _ when state.Has(OrderMarks.RejectedByFulfillment) => Standing.Released,
        _ when state.Has(OrderMarks.EndedByFulfillment) => Standing.HeldParked,
        _ => Standing.Held,
    };
}
