namespace Carousel.Registry.Server;

/// <summary>The registry can't serve: Kafka wasn't there in time, or the topic can't be used. The message says what to do.</summary>
public sealed class RegistryStartupException(string message, Exception? innerException = null) : Exception(message, innerException);
