using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>A broker that is asked about transactions in the protocol's own messages: this one, or Apache Kafka.</summary>
public interface ITransactionBroker
{
    Task<TResponse> AskAsync<TRequest, TResponse>(TRequest request, short version)
        where TRequest : class, IRequest
        where TResponse : class, IMessage, new();

    /// <summary>Lets this time, and the next round of looking for timeouts, go by.</summary>
    Task LetPassAsync(TimeSpan time);
}
