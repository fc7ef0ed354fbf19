namespace Carousel.Broker.Log;

/// <summary>What a <see cref="LogFlusher"/> flushes: a partition.</summary>
internal interface IFlushTarget
{
    /// <summary>Makes everything durable that was written before the call, and says so to those who wait. Never called twice at once.</summary>
    /// <exception cref="IOException">Nothing is known any more of what was written.</exception>
    void Flush();
}
