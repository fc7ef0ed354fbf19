using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Carousel.Registry.Schemas;

/// <summary>
/// The JSON of one schema: how it is stored (as written, without white space), and in which spelling two texts are the same schema.
/// Whitespace, the order of attributes, {"type":"int"} for "int", and short names for full ones make no difference; everything else does,
/// documentation, aliases, defaults and unknown attributes included.
/// </summary>
internal sealed record SchemaJson(string Compact, string Canonical, IReadOnlyDictionary<string, IReadOnlySet<string>> Aliases)
{
    /// <summary>Nesting a schema may have as JSON. Each level of Avro takes up to three, and parsers recurse on it.</summary>
    public const int DepthMax = 192;

    private static readonly JsonDocumentOptions StrictReading = new() { MaxDepth = DepthMax, AllowDuplicateProperties = false };
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = DepthMax * 2 };

    /// <exception cref="SchemaSyntaxException">The text isn't JSON, is nested too deeply or names an attribute twice.</exception>
    public static SchemaJson Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, StrictReading);
            var aliases = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
            var compact = Write(writer => document.RootElement.WriteTo(writer));
            var canonical = Write(writer => new CanonicalWriter(writer, aliases).WriteSchema(document.RootElement, enclosingNamespace: null));
            return new SchemaJson(compact, canonical, aliases);
        }
        catch (JsonException exception)
        {
            throw new SchemaSyntaxException($"The schema isn't valid JSON: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // Reading an unpaired surrogate is the only way a parsed document fails to give its text.
            throw new SchemaSyntaxException($"The schema holds text that isn't valid Unicode: {exception.Message}", exception);
        }
    }

    /// <summary>Equal for texts that are the same schema with the same references, whatever subject they are registered under.</summary>
    public string Key(IReadOnlyList<SchemaReference> references)
    {
        return KeyOf(Canonical, references);
    }

    /// <summary>The same for a text that can't be read as Avro, such as another registry's Protobuf schema.</summary>
    public static string KeyOf(string canonical, IReadOnlyList<SchemaReference> references)
    {
        var builder = new StringBuilder(canonical);
        foreach (var reference in references
            .OrderBy(each => each.Name, StringComparer.Ordinal)
            .ThenBy(each => each.Subject, StringComparer.Ordinal)
            .ThenBy(each => each.Version))
        {
            builder.Append('\n').Append(JsonSerializer.Serialize(reference));
        }

        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(builder.ToString())));
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private sealed class CanonicalWriter(Utf8JsonWriter writer, Dictionary<string, IReadOnlySet<string>> aliases)
    {
        private static readonly HashSet<string> Primitives =
            new(["null", "boolean", "int", "long", "float", "double", "bytes", "string"], StringComparer.Ordinal);

        public void WriteSchema(JsonElement schema, string? enclosingNamespace)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            switch (schema.ValueKind)
            {
                case JsonValueKind.String:
                    writer.WriteStringValue(FullName(schema.GetString()!, enclosingNamespace));
                    break;
                case JsonValueKind.Array:
                    writer.WriteStartArray();
                    foreach (var branch in schema.EnumerateArray())
                    {
                        WriteSchema(branch, enclosingNamespace);
                    }

                    writer.WriteEndArray();
                    break;
                case JsonValueKind.Object:
                    WriteObject(schema, enclosingNamespace);
                    break;
                default:
                    schema.WriteTo(writer);
                    break;
            }
        }

        private void WriteObject(JsonElement schema, string? enclosingNamespace)
        {
            var type = TextOf(schema, "type");
            if (type is not null && Primitives.Contains(type) && schema.GetPropertyCount() == 1)
            {
                writer.WriteStringValue(type);
                return;
            }

            var isNamed = type is "record" or "error" or "enum" or "fixed";
            var inner = enclosingNamespace;
            string? fullName = null;
            if (isNamed && TextOf(schema, "name") is { } name)
            {
                fullName = FullName(name, schema.TryGetProperty("namespace", out _) ? TextOf(schema, "namespace") : enclosingNamespace);
                inner = NamespaceOf(fullName);
                CollectAliases(schema, fullName, inner);
            }

            writer.WriteStartObject();
            foreach (var attribute in schema.EnumerateObject().OrderBy(each => each.Name, StringComparer.Ordinal))
            {
                if (fullName is not null && attribute.NameEquals("namespace"))
                {
                    continue;
                }

                writer.WritePropertyName(attribute.Name);
                WriteAttribute(attribute, type, fullName, inner);
            }

            writer.WriteEndObject();
        }

        private void WriteAttribute(JsonProperty attribute, string? type, string? fullName, string? inner)
        {
            switch (attribute.Name)
            {
                case "name" when fullName is not null:
                    writer.WriteStringValue(fullName);
                    break;
                case "type" when type is null || !IsTypeKeyword(type):
                    WriteSchema(attribute.Value, inner);
                    break;
                case "items" when type is "array":
                case "values" when type is "map":
                    WriteSchema(attribute.Value, inner);
                    break;
                case "fields" when type is "record" or "error" && attribute.Value.ValueKind == JsonValueKind.Array:
                    WriteFields(attribute.Value, inner);
                    break;
                default:
                    WriteValue(attribute.Value);
                    break;
            }
        }

        private void WriteFields(JsonElement fields, string? enclosingNamespace)
        {
            writer.WriteStartArray();
            foreach (var field in fields.EnumerateArray())
            {
                if (field.ValueKind != JsonValueKind.Object)
                {
                    field.WriteTo(writer);
                    continue;
                }

                writer.WriteStartObject();
                foreach (var attribute in field.EnumerateObject().OrderBy(each => each.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(attribute.Name);
                    if (attribute.NameEquals("type"))
                    {
                        WriteSchema(attribute.Value, enclosingNamespace);
                    }
                    else
                    {
                        WriteValue(attribute.Value);
                    }
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        private void WriteValue(JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    writer.WriteStartObject();
                    foreach (var property in value.EnumerateObject().OrderBy(each => each.Name, StringComparer.Ordinal))
                    {
                        writer.WritePropertyName(property.Name);
                        WriteValue(property.Value);
                    }

                    writer.WriteEndObject();
                    break;
                case JsonValueKind.Array:
                    writer.WriteStartArray();
                    foreach (var item in value.EnumerateArray())
                    {
                        WriteValue(item);
                    }

                    writer.WriteEndArray();
                    break;
                default:
                    value.WriteTo(writer);
                    break;
            }
        }

        // Apache.Avro keeps the aliases of a type to itself, so the compatibility check takes them from here.
        private void CollectAliases(JsonElement schema, string fullName, string? enclosingNamespace)
        {
            if (schema.TryGetProperty("aliases", out var list) && list.ValueKind == JsonValueKind.Array)
            {
                aliases[fullName] = list.EnumerateArray()
                    .Where(each => each.ValueKind == JsonValueKind.String)
                    .Select(each => FullName(each.GetString()!, enclosingNamespace))
                    .ToHashSet(StringComparer.Ordinal);
            }
        }

        private static bool IsTypeKeyword(string type)
        {
            return Primitives.Contains(type) || type is "record" or "error" or "enum" or "fixed" or "array" or "map";
        }

        private static string FullName(string name, string? enclosingNamespace)
        {
            return name.Contains('.', StringComparison.Ordinal) || string.IsNullOrEmpty(enclosingNamespace) || Primitives.Contains(name)
                ? name
                : $"{enclosingNamespace}.{name}";
        }

        private static string? NamespaceOf(string fullName)
        {
            var dot = fullName.LastIndexOf('.');
            return dot < 0 ? null : fullName[..dot];
        }

        private static string? TextOf(JsonElement schema, string attribute)
        {
            return schema.TryGetProperty(attribute, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
    }
}
