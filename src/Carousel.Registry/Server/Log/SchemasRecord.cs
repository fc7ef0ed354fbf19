using System.Text.Json;
using System.Text.Json.Serialization;
using Carousel.Registry.Schemas;

namespace Carousel.Registry.Server.Log;

/// <summary>What an entry of the log says. The layouts are those of Confluent Schema Registry's `_schemas` topic.</summary>
internal abstract record SchemasRecord
{
    private SchemasRecord()
    {
    }

    /// <summary>SCHEMA, magic 1. No value: the version is gone for good.</summary>
    public sealed record SchemaWritten(SchemaKey Key, SchemaValue? Value) : SchemasRecord;

    /// <summary>DELETE_SUBJECT, magic 0: every version up to the one given is soft-deleted.</summary>
    public sealed record SubjectDeleted(string Subject, int? UpToVersion) : SchemasRecord;

    /// <summary>CONFIG, magic 0; the subject is null for the global level.</summary>
    public sealed record ConfigWritten(string? Subject, string? Level) : SchemasRecord;

    /// <summary>MODE, magic 0; the subject is null for the global mode.</summary>
    public sealed record ModeWritten(string? Subject, string? Mode) : SchemasRecord;

    /// <summary>
    /// NOOP, magic 0, whose value Confluent's registry never looks at. Ours holds the highest id ever given, written before the last trace of
    /// that id goes: clients keep id and schema together for good, so an id must not come back with another schema.
    /// </summary>
    public sealed record HighestIdNoted(int Id) : SchemasRecord;

    /// <summary>Nothing to do, such as Confluent's own NOOP.</summary>
    public sealed record Nothing : SchemasRecord;
}

internal sealed record SchemaKey(
    [property: JsonPropertyName("keytype"), JsonPropertyOrder(0)] string KeyType,
    [property: JsonPropertyName("subject"), JsonPropertyOrder(1)] string Subject,
    [property: JsonPropertyName("version"), JsonPropertyOrder(2)] int Version,
    [property: JsonPropertyName("magic"), JsonPropertyOrder(3)] int Magic);

internal sealed record SchemaValue(
    [property: JsonPropertyName("subject"), JsonPropertyOrder(0)] string Subject,
    [property: JsonPropertyName("version"), JsonPropertyOrder(1)] int Version,
    [property: JsonPropertyName("id"), JsonPropertyOrder(2)] int Id,
    [property: JsonPropertyName("schemaType"), JsonPropertyOrder(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SchemaType,
    [property: JsonPropertyName("references"), JsonPropertyOrder(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    IReadOnlyList<SchemaReference>? References,
    [property: JsonPropertyName("schema"), JsonPropertyOrder(5)] string Schema,
    [property: JsonPropertyName("deleted"), JsonPropertyOrder(6)] bool Deleted);

internal static class SchemasRecordCodec
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static LogEntry Encode(SchemasRecord record)
    {
        return record switch
        {
            SchemasRecord.SchemaWritten(var key, var value) => new LogEntry(Json(key), value is null ? null : Json(value)),
            SchemasRecord.SubjectDeleted(var subject, { } version) =>
                new LogEntry(SubjectKey("DELETE_SUBJECT", subject), Json(new { subject, version })),
            SchemasRecord.SubjectDeleted(var subject, null) => new LogEntry(SubjectKey("DELETE_SUBJECT", subject), null),
            SchemasRecord.ConfigWritten(var subject, var level) =>
                new LogEntry(SubjectKey("CONFIG", subject), level is null ? null : Json(new { compatibilityLevel = level })),
            SchemasRecord.ModeWritten(var subject, var mode) => new LogEntry(SubjectKey("MODE", subject), mode is null ? null : Json(new { mode })),
            SchemasRecord.HighestIdNoted(var id) => new LogEntry(Json(new { keytype = "NOOP", magic = 0 }), Json(new { highestId = id })),
            _ => throw new ArgumentOutOfRangeException(nameof(record), record, "This record is never written."),
        };
    }

    public static LogEntry EncodeSchema(string subject, int version, SchemaValue? value)
    {
        return Encode(new SchemasRecord.SchemaWritten(new SchemaKey("SCHEMA", subject, version, 1), value));
    }

    /// <exception cref="JsonException">The entry isn't one of `_schemas`.</exception>
    public static SchemasRecord Decode(LogEntry entry)
    {
        using var key = JsonDocument.Parse(entry.Key);
        var root = key.RootElement;
        return Text(root, "keytype") switch
        {
            "SCHEMA" => new SchemasRecord.SchemaWritten(Read<SchemaKey>(entry.Key), entry.Value is null ? null : Read<SchemaValue>(entry.Value)),
            "DELETE_SUBJECT" => new SchemasRecord.SubjectDeleted(
                Text(root, "subject") ?? throw new JsonException("DELETE_SUBJECT has no subject."), Number(entry.Value, "version")),
            "CONFIG" => new SchemasRecord.ConfigWritten(Text(root, "subject"), ValueText(entry.Value, "compatibilityLevel")),
            "MODE" => new SchemasRecord.ModeWritten(Text(root, "subject"), ValueText(entry.Value, "mode")),
            "NOOP" when Number(entry.Value, "highestId") is { } id => new SchemasRecord.HighestIdNoted(id),
            _ => new SchemasRecord.Nothing(),
        };
    }

    private static byte[] SubjectKey(string keytype, string? subject)
    {
        return Json(new { keytype, subject, magic = 0 });
    }

    private static byte[] Json<T>(T value)
    {
        return JsonSerializer.SerializeToUtf8Bytes(value, Options);
    }

    private static T Read<T>(byte[] bytes)
    {
        return JsonSerializer.Deserialize<T>(bytes, Options) ?? throw new JsonException("The entry is null.");
    }

    private static string? ValueText(byte[]? value, string name)
    {
        if (value is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(value);
        return Text(document.RootElement, name);
    }

    private static int? Number(byte[]? value, string name)
    {
        if (value is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(value);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out var number)
            && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var result)
            ? result
            : null;
    }

    private static string? Text(JsonElement element, string name)
    {
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;
    }
}
