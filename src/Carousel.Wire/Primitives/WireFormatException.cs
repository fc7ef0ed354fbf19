namespace Carousel.Wire;

/// <summary>Bytes that break the protocol's grammar; the message says which field, and how.</summary>
public sealed class WireFormatException(string message) : Exception(message);
