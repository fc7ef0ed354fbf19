namespace Carousel.Registry.Schemas;

/// <summary>The text isn't an Avro schema; the message says where and why.</summary>
internal sealed class SchemaSyntaxException(string message, Exception? innerException = null) : Exception(message, innerException);
