using System.Text.Json.Serialization;
using Carousel.Registry.Schemas;

namespace Carousel.Registry.Client;

internal sealed record RegisterMessage(
    [property: JsonPropertyName("schema")] string Schema,
    [property: JsonPropertyName("schemaType")] string SchemaType,
    [property: JsonPropertyName("references"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    IReadOnlyList<SchemaReference>? References);

internal sealed record RegisteredMessage([property: JsonPropertyName("id")] int Id);

/// <summary>A schema by id, by version or by look-up; what isn't asked for is missing or zero.</summary>
internal sealed record FoundSchemaMessage(
    [property: JsonPropertyName("id")] int Id,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("schemaType")] string? SchemaType,
    [property: JsonPropertyName("schema")] string? Schema,
    [property: JsonPropertyName("references")] IReadOnlyList<SchemaReference>? References);

internal sealed record FailureMessage(
    [property: JsonPropertyName("error_code")] int ErrorCode,
    [property: JsonPropertyName("message")] string? Message)
{
    /// <summary>40401 to 40499: the registry itself says that there is no such thing.</summary>
    [JsonIgnore]
    public bool IsNotFound => ErrorCode is > 40400 and < 40500;
}
