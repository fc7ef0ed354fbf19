namespace Carousel.Fulfillment;

/// <summary>What fulfillment says beside the reasons that all stages share.</summary>
public static class FulfillmentReasons
{
    /// <summary>Attempts ran out, and the provider knows of no charge: no money has moved.</summary>
    public const string PaymentNotExecuted = "PAYMENT_NOT_EXECUTED";

    internal const int DetailLengthMax = 500;
}
