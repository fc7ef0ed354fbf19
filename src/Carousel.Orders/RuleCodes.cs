namespace Carousel.Orders;

/// <summary>Stable codes of broken order rules: in problem+json of the gateway, and as the reason of a DEFECT dead letter.</summary>
public static class RuleCodes
{
    public const string InvalidCustomerId = "INVALID_CUSTOMER_ID";
    public const string UnknownCurrency = "UNKNOWN_CURRENCY";
    public const string InvalidPaymentToken = "INVALID_PAYMENT_TOKEN";
    public const string CardNumber = "CARD_NUMBER";
    public const string LineCount = "LINE_COUNT";
    public const string InvalidSku = "INVALID_SKU";
    public const string InvalidQuantity = "INVALID_QUANTITY";
    public const string InvalidUnitPrice = "INVALID_UNIT_PRICE";
    public const string NothingToCharge = "NOTHING_TO_CHARGE";
    public const string AmountTooLarge = "AMOUNT_TOO_LARGE";
    public const string WrongAmount = "WRONG_AMOUNT";
}
