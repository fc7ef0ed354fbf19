namespace Carousel.PaymentSimulator.Faults;

/// <summary>
/// Payment tokens with a fate of their own, whatever the rates say; every other token is a card that works.
/// The "after" tokens lose the answer of the call that charges; a retry under the same key is answered with the replay.
/// </summary>
internal readonly record struct TestToken(DoorFault Door, AnswerFault Answer, string? DeclineCode)
{
    public static TestToken Of(string token) => token switch
    {
        "tok_declined" => new(DoorFault.None, AnswerFault.None, DeclineCodes.CardDeclined),
        "tok_insufficient_funds" => new(DoorFault.None, AnswerFault.None, DeclineCodes.InsufficientFunds),
        "tok_expired_card" => new(DoorFault.None, AnswerFault.None, DeclineCodes.ExpiredCard),
        "tok_timeout_after_charge" => new(DoorFault.None, AnswerFault.Timeout, null),
        "tok_error_after_charge" => new(DoorFault.None, AnswerFault.Error, null),
        "tok_reset_after_charge" => new(DoorFault.None, AnswerFault.Reset, null),
        "tok_error_before_charge" => new(DoorFault.Error, AnswerFault.None, null),
        "tok_reset_before_charge" => new(DoorFault.Reset, AnswerFault.None, null),
        "tok_rate_limited" => new(DoorFault.RateLimited, AnswerFault.None, null),
        "tok_unavailable" => new(DoorFault.Unavailable, AnswerFault.None, null),
        _ => default,
    };
}

internal static class DeclineCodes
{
    public const string CardDeclined = "card_declined";
    public const string InsufficientFunds = "insufficient_funds";
    public const string ExpiredCard = "expired_card";

    public static string MessageOf(string code) => code switch
    {
        InsufficientFunds => "The card has insufficient funds for this amount.",
        ExpiredCard => "The card has expired.",
        _ => "The card was declined.",
    };
}
