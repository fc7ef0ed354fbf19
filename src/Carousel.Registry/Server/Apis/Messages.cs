using System.Text.Json.Serialization;
using Carousel.Registry.Schemas;
using Carousel.Registry.Server.Catalog;

namespace Carousel.Registry.Server.Apis;

/// <summary>Body of a registration, a look-up or a compatibility check. Attributes of Confluent's that aren't here are ignored.</summary>
internal sealed record SchemaRequest(
    [property: JsonPropertyName("schema")] string? Schema,
    [property: JsonPropertyName("schemaType")] string? SchemaType,
    [property: JsonPropertyName("references")] IReadOnlyList<SchemaReference?>? References,
    [property: JsonPropertyName("id")] int? Id,
    [property: JsonPropertyName("version")] int? Version)
{
    public string RequireAvro()
    {
        if (SchemaType is not (null or "" or SchemaVersion.Avro))
        {
            throw RegistryException.InvalidSchema($"schemaType {SchemaType} isn't supported; this registry holds AVRO schemas only.");
        }

        return string.IsNullOrWhiteSpace(Schema)
            ? throw RegistryException.InvalidSchema("\"schema\" is missing or empty; it holds the Avro schema as a string.")
            : Schema;
    }

    public IReadOnlyList<SchemaReference> RequireReferences()
    {
        foreach (var reference in References ?? [])
        {
            if (reference is null || string.IsNullOrEmpty(reference.Name) || string.IsNullOrEmpty(reference.Subject) || reference.Version < 1)
            {
                throw RegistryException.InvalidSchema("Each of \"references\" needs name, subject and a version from 1.");
            }
        }

        return References is null ? [] : [.. References.Select(each => each!)];
    }

    public NewSchema ToNewSchema(bool normalize)
    {
        // Confluent's clients send -1 or 0 for "none".
        return new NewSchema(RequireAvro(), RequireReferences(), normalize, Id > 0 ? Id : null, Version > 0 ? Version : null);
    }
}

internal sealed record SchemaIdMessage([property: JsonPropertyName("id")] int Id);

internal sealed record SubjectVersionMessage(
    [property: JsonPropertyName("subject")] string Subject,
    [property: JsonPropertyName("version")] int Version);

/// <summary>schemaType is left out for Avro, as Confluent does.</summary>
internal sealed record SchemaTextMessage(
    [property: JsonPropertyName("schemaType"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SchemaType,
    [property: JsonPropertyName("schema")] string Schema,
    [property: JsonPropertyName("references"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    IReadOnlyList<SchemaReference>? References)
{
    public static SchemaTextMessage From(SchemaVersion version)
    {
        return new SchemaTextMessage(
            version.SchemaType == SchemaVersion.Avro ? null : version.SchemaType, version.Text, version.References.Count == 0 ? null : version.References);
    }
}

internal sealed record SchemaVersionMessage(
    [property: JsonPropertyName("subject")] string Subject,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("id")] int Id,
    [property: JsonPropertyName("schemaType"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SchemaType,
    [property: JsonPropertyName("references"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    IReadOnlyList<SchemaReference>? References,
    [property: JsonPropertyName("schema")] string Schema,
    [property: JsonPropertyName("deleted"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Deleted)
{
    public static SchemaVersionMessage From(SchemaVersion version)
    {
        return new SchemaVersionMessage(
            version.Subject,
            version.Version,
            version.Id,
            version.SchemaType == SchemaVersion.Avro ? null : version.SchemaType,
            version.References.Count == 0 ? null : version.References,
            version.Text,
            version.IsDeleted);
    }
}

internal sealed record CompatibilityMessage(
    [property: JsonPropertyName("is_compatible")] bool IsCompatible,
    [property: JsonPropertyName("messages"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Messages);

/// <summary>PUT /config: what is asked and, the same, answered.</summary>
internal sealed record LevelMessage([property: JsonPropertyName("compatibility")] string? Compatibility);

/// <summary>GET and DELETE /config.</summary>
internal sealed record LevelInForceMessage([property: JsonPropertyName("compatibilityLevel")] string CompatibilityLevel);

internal sealed record ModeMessage([property: JsonPropertyName("mode")] string? Mode);

internal sealed record ErrorMessage(
    [property: JsonPropertyName("error_code")] int ErrorCode,
    [property: JsonPropertyName("message")] string Message);

/// <summary>An answer that is JSON already: the text of a schema.</summary>
internal sealed record RawJson(string Text);
