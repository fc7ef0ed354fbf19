namespace Carousel.Broker.Hosting;

/// <summary>The broker can't start or go on; the message says why, for whoever runs it.</summary>
public sealed class BrokerException(string message, Exception? inner = null) : Exception(message, inner);
