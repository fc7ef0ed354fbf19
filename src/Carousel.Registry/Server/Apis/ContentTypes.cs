using Carousel.Registry.Server.Catalog;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Carousel.Registry.Server.Apis;

/// <summary>The content types of Confluent's API ("Content Types" in its reference), all of which mean the same JSON.</summary>
internal static class ContentTypes
{
    public const string Preferred = "application/vnd.schemaregistry.v1+json";

    private static readonly string[] Known = [Preferred, "application/vnd.schemaregistry+json", "application/json"];

    /// <summary>The type to answer with.</summary>
    /// <exception cref="RegistryException">406 or 415: the client asks for, or sends, something else.</exception>
    public static string Negotiate(HttpRequest request)
    {
        var answer = Accepted(request) ?? throw new RegistryException(
            406, 406, $"This API answers with {string.Join(", ", Known)} only; \"Accept: {request.Headers.Accept}\" takes none of them.");

        // Confluent's clients in some languages send bodies without a type, or as bytes.
        if (request.ContentType is { Length: > 0 } sent
            && !(MediaTypeHeaderValue.TryParse(sent, out var type) && IsReadable(type.MediaType.Value)))
        {
            throw new RegistryException(415, 415, $"This API reads {string.Join(", ", Known)}, not \"{sent}\".");
        }

        return answer;
    }

    private static bool IsReadable(string? mediaType)
    {
        return Known.Contains(mediaType, StringComparer.OrdinalIgnoreCase) || mediaType is "application/octet-stream";
    }

    private static string? Accepted(HttpRequest request)
    {
        if (request.Headers.Accept.Count == 0)
        {
            return Preferred;
        }

        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var wanted))
        {
            return null;
        }

        var usable = wanted.Where(each => each.Quality is not 0).ToList();
        return Known
            .Select((type, order) => (Type: type, Order: order, Quality: usable
                .Where(each => Covers(each, type)).Select(each => each.Quality ?? 1).DefaultIfEmpty(0).Max()))
            .Where(each => each.Quality > 0)
            .OrderByDescending(each => each.Quality).ThenBy(each => each.Order)
            .Select(each => each.Type)
            .FirstOrDefault();
    }

    private static bool Covers(MediaTypeHeaderValue range, string type)
    {
        return range.MatchesAllTypes
            || (range.MatchesAllSubTypes && type.StartsWith(range.Type.Value + "/", StringComparison.OrdinalIgnoreCase))
            || string.Equals(range.MediaType.Value, type, StringComparison.OrdinalIgnoreCase);
    }
}
