using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>Reads small JSON bodies whole, with a limit, and turns what is wrong with them into a sentence.</summary>
internal static class RequestBody
{
    public const int BytesMax = 16 * 1024;

    /// <returns>The value, or null after a problem has been answered.</returns>
    public static async ValueTask<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        var reader = context.Request.BodyReader;
        var result = await reader.ReadAsync(context.RequestAborted);
        while (!result.IsCompleted && result.Buffer.Length <= BytesMax)
        {
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await reader.ReadAsync(context.RequestAborted);
        }

        if (result.Buffer.Length > BytesMax)
        {
            reader.AdvanceTo(result.Buffer.End);
            await Problem.TooLarge.WriteAsync(context, $"The body is larger than {BytesMax} bytes.");
            return null;
        }

        var (value, error, field) = Parse(result.Buffer, type);
        reader.AdvanceTo(result.Buffer.End);
        if (value is null)
        {
            await Problem.BadRequest.WriteAsync(context, error, field: field);
        }

        return value;
    }

    private static (T? Value, string Error, string? Field) Parse<T>(in ReadOnlySequence<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            var json = new Utf8JsonReader(body);
            var value = JsonSerializer.Deserialize(ref json, type);
            return json.Read() || value is null ? (null, "The body must be one JSON object.", null) : (value, "", null);
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 2 } path ? path[2..] : null;
            return field is null
                ? (null, "The body must be one JSON object: " + FirstSentence(e.Message), null)
                : (null, $"{field} has the wrong type or isn't a field here: " + FirstSentence(e.Message), field);
        }
    }

    // What follows the first sentence names our own types and positions in bytes.
    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..(end + 1)];
    }
}
