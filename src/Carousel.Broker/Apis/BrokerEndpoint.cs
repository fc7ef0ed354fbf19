namespace Carousel.Broker.Apis;

/// <summary>Where clients are told to find the broker.</summary>
internal sealed record BrokerEndpoint(int NodeId, string Host, int Port);
