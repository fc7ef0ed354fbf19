using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Carousel.Wire.Tests.Messages;

/// <summary>The message definitions that Kafka's jars carry, described in the words of <see cref="FieldDescriber"/>.</summary>
internal sealed class KafkaDefinitions
{
    /// <summary>Environment variable with the folder that holds <c>libs/*.jar</c>.</summary>
    public const string HomeVariable = "CAROUSEL_TEST_KAFKA_HOME";

    private static readonly string[] Jars = ["kafka-clients-*.jar", "kafka-group-coordinator-4*.jar", "kafka-transaction-coordinator-4*.jar"];
    private readonly Dictionary<string, JsonElement> _messages = [];

    private KafkaDefinitions(string home)
    {
        foreach (string jar in Jars.SelectMany(pattern => Directory.GetFiles(Path.Combine(home, "libs"), pattern)))
        {
            using ZipArchive archive = ZipFile.OpenRead(jar);
            foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => Regex.IsMatch(entry.FullName, @"^common/message/\w+\.json$")))
            {
                using Stream stream = entry.Open();
                using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
                _messages[Path.GetFileNameWithoutExtension(entry.Name)] = document.RootElement.Clone();
            }
        }
    }

    public static KafkaDefinitions LoadOrSkip()
    {
        string? home = Environment.GetEnvironmentVariable(HomeVariable);
        if (string.IsNullOrEmpty(home))
        {
            Assert.Skip($"Needs Apache Kafka's jars: set {HomeVariable} to the folder that holds libs, or run ./test beside ../shared/kafka.");
        }

        return new KafkaDefinitions(home!);
    }

    public int ApiKey(string message) => _messages[message].GetProperty("apiKey").GetInt32();

    public (short Min, short Max) Versions(string message) => Range(_messages[message].GetProperty("validVersions").GetString());

    public bool IsFlexible(string message, short version) => Has(_messages[message], "flexibleVersions", version);

    /// <summary>The fields of the version, one a line.</summary>
    public string Describe(string message, short version)
    {
        JsonElement root = _messages[message];
        Dictionary<string, JsonElement> structs = root.TryGetProperty("commonStructs", out JsonElement common)
            ? common.EnumerateArray().ToDictionary(item => item.GetProperty("name").GetString()!, item => item.GetProperty("fields"))
            : [];
        var lines = new List<string>();
        Describe(root.GetProperty("fields"), structs, version, "", lines);
        return string.Join('\n', lines);
    }

    private static void Describe(JsonElement fields, Dictionary<string, JsonElement> structs, short version, string indent, List<string> lines)
    {
        JsonElement[] present = [.. fields.EnumerateArray().Where(field => Has(field, field.TryGetProperty("versions", out _) ? "versions" : "taggedVersions", version))];
        IEnumerable<JsonElement> tagged = present.Where(field => Has(field, "taggedVersions", version)).OrderBy(field => field.GetProperty("tag").GetInt32());
        foreach (JsonElement field in present.Where(field => !Has(field, "taggedVersions", version)).Concat(tagged))
        {
            string kafkaType = field.GetProperty("type").GetString()!;
            bool isStruct = char.IsUpper(kafkaType.TrimStart('[', ']')[0]);
            string type = !isStruct ? kafkaType : kafkaType.StartsWith("[]", StringComparison.Ordinal) ? "[]struct" : "struct";
            // Record batches count as nullable with Kafka, and are never null with us.
            bool isNullable = type != "records" && Has(field, "nullableVersions", version);
            string tag = Has(field, "taggedVersions", version) ? $"tag {field.GetProperty("tag").GetInt32()} " : "";
            lines.Add($"{indent}{tag}{field.GetProperty("name").GetString()}: {type}{(isNullable ? "?" : "")} = {Default(field, type, isNullable)}");
            if (isStruct)
            {
                JsonElement inner = field.TryGetProperty("fields", out JsonElement own) ? own : structs[kafkaType.TrimStart('[', ']')];
                Describe(inner, structs, version, indent + "  ", lines);
            }
        }
    }

    private static string Default(JsonElement field, string type, bool isNullable)
    {
        string? given = field.TryGetProperty("default", out JsonElement value) ? value.ToString() : null;
        return type switch
        {
            "string" => given == "null" ? "null" : $"'{given}'",
            "bool" => given ?? "false",
            "uuid" => "0",
            "struct" => isNullable && given == "null" ? "null" : "none",
            "bytes" or "records" => given == "null" && isNullable ? "null" : "empty",
            _ when type.StartsWith("[]", StringComparison.Ordinal) => given == "null" ? "null" : "empty",
            _ when given?.StartsWith("0x", StringComparison.Ordinal) == true => long.Parse(given[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
            _ => given ?? "0",
        };
    }

    private static bool Has(JsonElement owner, string property, short version)
    {
        if (!owner.TryGetProperty(property, out JsonElement range))
        {
            return false;
        }

        (short min, short max) = Range(range.GetString());
        return version >= min && version <= max;
    }

    /// <summary>Such as <c>3</c>, <c>0-7</c>, <c>3+</c> or <c>none</c>.</summary>
    private static (short Min, short Max) Range(string? text)
    {
        if (text is null or "none")
        {
            return (0, -1);
        }

        string[] ends = text.TrimEnd('+').Split('-');
        short min = short.Parse(ends[0], CultureInfo.InvariantCulture);
        return (min, text.EndsWith('+') ? short.MaxValue : short.Parse(ends[^1], CultureInfo.InvariantCulture));
    }
}
