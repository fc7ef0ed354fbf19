namespace Carousel.Broker.Partitions;

/// <summary>A data directory that can't be used; the message says why and what to do.</summary>
internal sealed class DataDirectoryException(string message, Exception? inner = null) : Exception(message, inner);
