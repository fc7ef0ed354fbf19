using System.Text.Json;

namespace Carousel.Cli.Loading;

/// <summary>Why the gateway refused an order, read from its problem+json (RFC 9457); an answer in another form is told as it is.</summary>
internal readonly record struct Refusal(string Code, string Detail)
{
    private const int DetailLengthMax = 200;

    public static Refusal Parse(ReadOnlyMemory<byte> body, int status)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return Of(document.RootElement, status);
        }
        catch (JsonException)
        {
            string text = System.Text.Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, DetailLengthMax)]);
            return new Refusal($"HTTP {status}", text.Length > 0 ? text : "the answer has no body");
        }
    }

    public static Refusal Of(JsonElement problem, int status)
    {
        if (problem.ValueKind != JsonValueKind.Object)
        {
            return new Refusal($"HTTP {status}", "the answer isn't a problem object");
        }

        string detail = Text(problem, "detail") ?? Text(problem, "title") ?? "";
        if (problem.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0
            && errors[0] is { ValueKind: JsonValueKind.Object } first && Text(first, "code") is { } code)
        {
            return new Refusal(code, Text(first, "message") ?? detail);
        }

        return new Refusal(Text(problem, "type") ?? $"HTTP {status}", detail);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
