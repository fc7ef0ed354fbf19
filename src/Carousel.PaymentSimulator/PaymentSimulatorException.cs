namespace Carousel.PaymentSimulator;

/// <summary>The simulator can't start or can't go on; the message says why and what to do.</summary>
public sealed class PaymentSimulatorException : Exception
{
    public PaymentSimulatorException(string message)
        : base(message)
    {
    }

    public PaymentSimulatorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public PaymentSimulatorException()
    {
    }
}
