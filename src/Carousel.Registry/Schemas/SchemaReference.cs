using System.Text.Json.Serialization;

namespace Carousel.Registry.Schemas;

/// <summary>One entry of "references": <paramref name="Name"/> is the Avro full name that the referring schema uses without defining it.</summary>
internal sealed record SchemaReference(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("subject")] string Subject,
    [property: JsonPropertyName("version")] int Version);
