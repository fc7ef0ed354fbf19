using System.Globalization;
using Carousel.Orders;

namespace Carousel.Gateway.Problems;

/// <summary>An RFC 9457 problem before it is written.</summary>
/// <param name="Kind">Last part of the stable type <c>urn:carousel:problem:KIND</c>.</param>
/// <param name="Errors">For <c>invalid-order</c>: every field that is wrong.</param>
/// <param name="OrderId">The order's id where it may have been accepted all the same.</param>
internal sealed record Problem(
    int Status,
    string Kind,
    string Title,
    string Detail,
    IReadOnlyList<RuleViolation>? Errors = null,
    TimeSpan? RetryAfter = null,
    string? OrderId = null)
{
    private const string TypePrefix = "urn:carousel:problem:";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public string Type => TypePrefix + Kind;

    /// <summary>Whole seconds, never 0.</summary>
    public string? RetryAfterSeconds =>
        RetryAfter is { } after ? Math.Max(1, Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture) : null;

    public static Problem InvalidJson(string detail) => new(400, "invalid-json", "The body isn't JSON", detail);

    public static Problem InvalidOrder(IReadOnlyList<RuleViolation> errors) =>
        new(400, "invalid-order", "This isn't an order", "Mend the fields that errors names and send it again.", errors);

    public static Problem InvalidIdempotencyKey() => new(
        400,
        "invalid-idempotency-key",
        "The Idempotency-Key can't be used",
        "Send one key of 1 to 255 printable ASCII characters without blanks at the ends, different for every order.");

    public static Problem IdempotencyKeyReused() => new(
        422,
        "idempotency-key-reused",
        "This Idempotency-Key came with another order before",
        "A key stands for one order: send the first order again unchanged, or choose a new key.");

    public static Problem Unauthorized() => new(
        401,
        "unauthorized",
        "No valid API key",
        "Send your key as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.");

    public static Problem Forbidden(string scopes) => new(403, "forbidden", "The key doesn't allow this", $"This needs a key with scope {scopes}.");

    public static Problem OrderNotFound() => new(
        404,
        "order-not-found",
        "No such order",
        "None of this client's orders has this id.");

    public static Problem BodyTooLarge(long bytesMax) => new(
        413, "body-too-large", "The body is too large", $"An order may take {bytesMax} bytes; split it into several.");

    public static Problem LineTooLong(int bytesMax) => new(
        413, "body-too-large", "The line is too long", $"A line of a batch may take {bytesMax} bytes; split the order into several.");

    public static Problem UnsupportedMediaType(string wanted) => new(
        415, "unsupported-media-type", "Not the expected media type", $"Send {wanted}, in UTF-8 and not compressed, and say so in Content-Type.");

    public static Problem RateLimited(TimeSpan retryAfter) => new(
        429, "rate-limited", "Over the client's limit", "Send more slowly; Retry-After says when there is room again.", RetryAfter: retryAfter);

    public static Problem LogUnavailable(string? orderId) => new(
        503,
        "log-unavailable",
        "Orders can't be taken right now",
        orderId is null
            ? "The order was not accepted. Try again after the time in Retry-After, with the same Idempotency-Key if there was one."
            : "The log did not say in time whether it has the order. Send it again with the same Idempotency-Key; without one, look the orderId up first.",
        RetryAfter: Soon,
        OrderId: orderId);

    public static Problem Overloaded(string what) => new(503, "overloaded", "Too busy right now", $"{what} Try again after the time in Retry-After.", RetryAfter: Soon);

    public static Problem StatusUnavailable() => new(
        503, "status-unavailable", "The order's status can't be read right now", "Try again after the time in Retry-After.", RetryAfter: Soon);

    /// <summary>For what the server itself answered without a body.</summary>
    public static Problem ForStatus(int status, string method, long bodyBytesMax) => status switch
    {
        404 => new(404, "not-found", "Nothing is here", "The routes are described at /openapi/v1.json."),
        405 => new(405, "method-not-allowed", "The method isn't allowed here", $"{method} isn't one of those in the Allow header."),
        408 => new(408, "request-timeout", "The body came too slowly", "Send the whole body at once."),
        413 => BodyTooLarge(bodyBytesMax),
        >= 500 => new(status, "internal-error", "Something went wrong here", "It was logged. Send the order again with the same Idempotency-Key."),
        _ => new(status, "bad-request", "The request can't be understood", "See /openapi/v1.json for what is expected."),
    };
}
