using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Carousel.Cli.Loading;

/// <summary>What the gateway said of the order at <paramref name="Index"/> of the request.</summary>
internal readonly record struct OrderAnswer(int Index, HttpStatusCode Status, string? OrderId, Refusal Refusal);

/// <summary>One of the gateway's two ways to take orders.</summary>
internal interface IOrderRequest
{
    HttpRequestMessage Make(IReadOnlyList<PreparedOrder> orders);

    /// <summary>The answers as they come in; an order without one has none yet.</summary>
    IAsyncEnumerable<OrderAnswer> AnswersAsync(HttpResponseMessage response, IReadOnlyList<PreparedOrder> orders, CancellationToken cancellationToken);
}

internal static class OrderRequest
{
    public static HttpRequestMessage Make(OrderPosterOptions options, string path, ReadOnlyMemory<byte> body, MediaTypeHeaderValue type)
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = type;
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.Gateway!, path))
        {
            Content = content,
            Version = options.HttpVersion,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (options.ApiKey is { } key)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return request;
    }

    public static string? OrderId(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("orderId", out JsonElement id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()
            : null;
}

/// <summary><c>POST /orders</c>: one order, its status is the response's.</summary>
internal sealed class SingleRequest(OrderPosterOptions options, bool wantsOrderIds) : IOrderRequest
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    public HttpRequestMessage Make(IReadOnlyList<PreparedOrder> orders)
    {
        HttpRequestMessage request = OrderRequest.Make(options, "orders", orders[0].Json, Json);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", orders[0].IdempotencyKey);
        return request;
    }

    public async IAsyncEnumerable<OrderAnswer> AnswersAsync(
        HttpResponseMessage response, IReadOnlyList<PreparedOrder> orders, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The body is read even where nobody wants it, or the connection couldn't be used again.
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            yield return new OrderAnswer(0, response.StatusCode, wantsOrderIds ? OrderIdOf(body) : null, default);
        }
        else
        {
            yield return new OrderAnswer(0, response.StatusCode, null, Refusal.Parse(body, (int)response.StatusCode));
        }
    }

    private static string? OrderIdOf(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return OrderRequest.OrderId(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary><c>POST /orders/batch</c>: NDJSON in and out; a response other than 200 is the answer to every order.</summary>
internal sealed class BatchRequest(OrderPosterOptions options) : IOrderRequest
{
    private static readonly MediaTypeHeaderValue Ndjson = new("application/x-ndjson");

    public HttpRequestMessage Make(IReadOnlyList<PreparedOrder> orders)
    {
        byte[] body = new byte[orders.Sum(order => order.Json.Length + 1)];
        int position = 0;
        foreach (PreparedOrder order in orders)
        {
            order.Json.CopyTo(body, position);
            position += order.Json.Length;
            body[position++] = (byte)'\n';
        }

        return OrderRequest.Make(options, "orders/batch", body, Ndjson);
    }

    public async IAsyncEnumerable<OrderAnswer> AnswersAsync(
        HttpResponseMessage response, IReadOnlyList<PreparedOrder> orders, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            Refusal refusal = Refusal.Parse(body, (int)response.StatusCode);
            for (int i = 0; i < orders.Count; i++)
            {
                yield return new OrderAnswer(i, response.StatusCode, null, refusal);
            }

            yield break;
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        for (int index = 0; index < orders.Count && await reader.ReadLineAsync(cancellationToken) is { } line; index++)
        {
            yield return Parse(index, line);
        }
    }

    /// <summary>Answers are in input order, so the place in the answer is the place in the request.</summary>
    private static OrderAnswer Parse(int index, string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement answer = document.RootElement;
            var status = (HttpStatusCode)answer.GetProperty("status").GetInt32();
            if (status is HttpStatusCode.Accepted or HttpStatusCode.OK)
            {
                return new OrderAnswer(index, status, OrderRequest.OrderId(answer), default);
            }

            // A refused line may name an order too: the one that has its Idempotency-Key already.
            return new OrderAnswer(index, status, null, answer.TryGetProperty("problem", out JsonElement problem)
                ? Refusal.Of(problem, (int)status)
                : new Refusal($"HTTP {(int)status}", "the answer says no reason"));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new IOException($"The gateway answered a batch with a line that isn't a result: {e.Message}", e);
        }
    }
}
