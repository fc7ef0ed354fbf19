using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>RFC 9457 problems; the types are stable and clients may branch on them.</summary>
internal sealed record Problem(int Status, string Type, string Title)
{
    private const string Base = "urn:carousel:payments:";

    public static Problem BadRequest { get; } = new(400, Base + "bad-request", "The request isn't valid");
    public static Problem NotFound { get; } = new(404, Base + "not-found", "There is no such thing here");
    public static Problem InProgress { get; } = new(409, Base + "in-progress", "The first call under this key is still running");
    public static Problem NotRefundable { get; } = new(409, Base + "not-refundable", "This charge can't be refunded");
    public static Problem KeyReused { get; } = new(422, Base + "idempotency-key-reused", "This key belongs to a call with other parameters");
    public static Problem TooLarge { get; } = new(413, Base + "too-large", "The request is too large");
    public static Problem RateLimited { get; } = new(429, Base + "rate-limited", "Too many requests");
    public static Problem Failed { get; } = new(500, Base + "failed", "Something went wrong; whether it was executed is unknown");
    public static Problem Unavailable { get; } = new(503, Base + "unavailable", "Not available; nothing was executed");

    public Task WriteAsync(HttpContext context, string detail, TimeSpan? retryAfter = null, string? field = null)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        if (retryAfter is { } after)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        using (var json = new Utf8JsonWriter(response.BodyWriter))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, Type);
            json.WriteString("title"u8, Title);
            json.WriteNumber("status"u8, Status);
            json.WriteString("detail"u8, detail);
            if (field is not null)
            {
                json.WriteString("field"u8, field);
            }

            json.WriteEndObject();
        }

        return response.BodyWriter.FlushAsync(CancellationToken.None).AsTask();
    }
}
