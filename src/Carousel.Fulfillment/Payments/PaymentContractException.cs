namespace Carousel.Fulfillment.Payments;

/// <summary>
/// The provider answered with another reference, amount or currency than was asked for: a broken invariant. It halts the stage and
/// never becomes a dead letter, because money may be wrong for every order, not this one.
/// </summary>
public sealed class PaymentContractException : Exception
{
    public PaymentContractException(string message)
        : base(message)
    {
    }

    public PaymentContractException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public PaymentContractException()
    {
    }
}
