using Microsoft.Net.Http.Headers;

namespace Carousel.Gateway.Apis;

/// <summary>Which bodies are understood: JSON or NDJSON, UTF-8, not compressed.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string Ndjson = "application/x-ndjson";
    private static readonly string[] NdjsonNames = [Ndjson, "application/ndjson", "application/jsonl", "application/x-jsonlines"];

    public static bool IsJson(HttpRequest request) => IsOneOf(request, [Json]);

    public static bool IsNdjson(HttpRequest request) => IsOneOf(request, NdjsonNames);

    private static bool IsOneOf(HttpRequest request, ReadOnlySpan<string> names)
    {
        // The exact text is what nearly every client sends.
        if (request.ContentType == names[0] && request.Headers.ContentEncoding.Count == 0)
        {
            return true;
        }

        if (request.Headers.ContentEncoding.Count > 0 || !MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type))
        {
            return false;
        }

        if (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        foreach (string name in names)
        {
            if (type.MediaType.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
