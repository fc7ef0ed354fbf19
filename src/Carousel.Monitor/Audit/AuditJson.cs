using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Carousel.Monitor.Audit;

/// <summary>A report as JSON: camelCase names, enums by name, money as strings.</summary>
public static class AuditJson
{
    private static readonly AuditJsonContext Context = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.Strict,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new MoneyConverter(),
            new JsonStringEnumConverter<AuditVerdict>(),
            new JsonStringEnumConverter<FindingKind>(),
            new JsonStringEnumConverter<Invariant>(),
            new JsonStringEnumConverter<Carousel.Orders.DeadLetterCategory>(),
        },
    });

    public static string Serialise(AuditReport report) => JsonSerializer.Serialize(report, Context.AuditReport);

    private sealed class MoneyConverter : JsonConverter<decimal>
    {
        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            decimal.Parse(reader.GetString()!, System.Globalization.CultureInfo.InvariantCulture);

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString("0.00##", System.Globalization.CultureInfo.InvariantCulture));
    }
}

[JsonSerializable(typeof(AuditReport))]
internal sealed partial class AuditJsonContext : JsonSerializerContext;
