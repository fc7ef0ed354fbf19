using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>A broker that a scenario talks to: Apache Kafka over a socket, or the handlers of this one.</summary>
internal interface IBrokerUnderTest
{
    /// <summary>The id of the topic "orders", which has 2 partitions.</summary>
    Guid OrdersId { get; }

    /// <summary>Sends a request over the client's own connection, and waits for the answer for as long as it takes.</summary>
    Task<TResponse> SendAsync<TRequest, TResponse>(string client, short version, TRequest request)
        where TRequest : class, IRequest, new()
        where TResponse : class, IMessage, new();

    /// <summary>Begins a transaction that may commit offsets of the group.</summary>
    Task<ProducerStamp> BeginTransactionAsync(string transactionalId, string groupId);

    /// <summary>Ends it, and returns when its offsets are settled.</summary>
    Task EndTransactionAsync(string transactionalId, ProducerStamp producer, string groupId, bool isCommit);
}
