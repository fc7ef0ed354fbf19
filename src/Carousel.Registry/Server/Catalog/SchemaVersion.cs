using Carousel.Registry.Schemas;

namespace Carousel.Registry.Server.Catalog;

/// <summary>One version of a subject. <paramref name="Key"/> is equal for equal schemas (<see cref="SchemaJson.Key"/>).</summary>
internal sealed record SchemaVersion(
    string Subject,
    int Version,
    int Id,
    string SchemaType,
    string Text,
    IReadOnlyList<SchemaReference> References,
    string Key,
    bool IsDeleted)
{
    public const string Avro = "AVRO";
}
