namespace Carousel.Gateway.Intake;

/// <summary>Stable codes of what is wrong with the JSON of an order, beside <see cref="Orders.RuleCodes"/>.</summary>
internal static class RequestCodes
{
    public const string WrongType = "WRONG_TYPE";
    public const string MissingField = "MISSING_FIELD";
    public const string UnknownField = "UNKNOWN_FIELD";
    public const string DuplicateField = "DUPLICATE_FIELD";
    public const string InvalidNumber = "INVALID_NUMBER";
    public const string InvalidText = "INVALID_TEXT";
    public const string InvalidIdempotencyKey = "INVALID_IDEMPOTENCY_KEY";
}
