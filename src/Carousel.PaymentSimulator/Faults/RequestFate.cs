namespace Carousel.PaymentSimulator.Faults;

/// <summary>What befalls a request at the door: nothing was executed.</summary>
internal enum DoorFault
{
    None,
    RateLimited,
    Unavailable,
    Reset,
    Error,
    Hang,
}

/// <summary>What befalls an answer: the charge is on disk.</summary>
internal enum AnswerFault
{
    None,
    Timeout,
    Error,
    Reset,
}

/// <summary>All that chance decides about one request, drawn once when it arrives.</summary>
internal readonly record struct RequestFate(DoorFault Door, AnswerFault Answer, TimeSpan Latency);
