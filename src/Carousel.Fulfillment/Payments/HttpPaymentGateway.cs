using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Http.Headers;

namespace Carousel.Fulfillment.Payments;

/// <summary>
/// The payment port over HTTP/2 and JSON. One instance serves the whole process and any number of calls at a time; dispose it last.
/// It makes exactly one attempt per call: retrying is <see cref="ChargeFlow"/>'s and the stage engine's.
/// </summary>
public sealed class HttpPaymentGateway : IPaymentGateway, IDisposable
{
    private const int AnswerBytesMax = 64 * 1024;
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private readonly HttpMessageInvoker _http;
    private readonly PaymentGatewayOptions _options;
    private readonly PaymentMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Uri _charges;

    /// <exception cref="ValidationException">An option is out of its range.</exception>
    public HttpPaymentGateway(PaymentGatewayOptions options, PaymentMetrics metrics, TimeProvider time)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        if (!options.Endpoint.IsAbsoluteUri || (options.Endpoint.Scheme != Uri.UriSchemeHttp && options.Endpoint.Scheme != Uri.UriSchemeHttps))
        {
            throw new ValidationException($"The payment endpoint must be an http or https URL such as http://127.0.0.1:7080, not '{options.Endpoint}'.");
        }

        _options = options;
        _metrics = metrics;
        _time = time;
        _charges = new Uri(options.Endpoint, "/v1/charges");
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = options.KeepAlive,
            KeepAlivePingTimeout = options.KeepAlive,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            UseCookies = false,
            UseProxy = false,
        });
    }

    public async ValueTask<ChargeOutcome> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken)
    {
        var startedAt = _time.GetTimestamp();
        using var message = Message(HttpMethod.Post, _charges);
        message.Headers.TryAddWithoutValidation("Idempotency-Key", request.Reference);
        message.Content = new ByteArrayContent(PaymentJson.Serialize(request)) { Headers = { ContentType = Json } };
        var answer = await SendAsync(message, cancellationToken);
        var outcome = answer.Failure ?? ProviderAnswers.ToOutcome(answer.Status, answer.Body, answer.RetryAfter, request);
        _metrics.Record(outcome, _time.GetElapsedTime(startedAt));
        return outcome;
    }

    public ValueTask<ChargeLookup> FindAsync(ChargeRequest request, CancellationToken cancellationToken) =>
        FindAsync(request.Reference, request, cancellationToken);

    public ValueTask<ChargeLookup> FindAsync(string reference, CancellationToken cancellationToken) =>
        FindAsync(reference, null, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async ValueTask<ChargeLookup> FindAsync(string reference, ChargeRequest? request, CancellationToken cancellationToken)
    {
        using var message = Message(HttpMethod.Get, new Uri(_charges, "?reference=" + Uri.EscapeDataString(reference)));
        var answer = await SendAsync(message, cancellationToken);
        return answer.Failure switch
        {
            null => ProviderAnswers.ToLookup(answer.Status, answer.Body, reference, request),
            ChargeOutcome.NotExecuted failure => new ChargeLookup.Unavailable(failure.Reason, failure.IsProviderDown),
            var failure => new ChargeLookup.Unavailable(((ChargeOutcome.Unknown)failure).Reason),
        };
    }

    private static HttpRequestMessage Message(HttpMethod method, Uri uri) => new(method, uri)
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private async ValueTask<Answer> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.CallTimeout);
        try
        {
            using var response = await _http.SendAsync(message, limit.Token);
            return new Answer(response.StatusCode, await ReadAsync(response.Content, limit.Token), RetryAfter(response), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Answer.Failed(new ChargeOutcome.Unknown($"The provider gave no answer within {_options.CallTimeout.TotalSeconds:0.###} s."));
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            // These three are raised only while a connection is being made: no byte of the request has left.
            return Answer.Failed(new ChargeOutcome.NotExecuted($"No connection to the provider at {_options.Endpoint}: {e.Message}", null, IsProviderDown: true));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return Answer.Failed(new ChargeOutcome.Unknown($"The connection to the provider broke during the call: {e.Message}"));
        }
    }

    /// <returns>Null when the body isn't JSON of the expected shape, or is too long to be.</returns>
    private static async ValueTask<ProviderAnswer?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(2048);
        try
        {
            var length = 0;
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            while (await stream.ReadAsync(buffer.AsMemory(length), cancellationToken) is var read and > 0)
            {
                length += read;
                if (length == buffer.Length)
                {
                    if (length >= AnswerBytesMax)
                    {
                        return null;
                    }

                    var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }

            return ProviderAnswer.Parse(buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - _time.GetUtcNow() is var wait && wait > TimeSpan.Zero => wait,
        _ => null,
    };

    private readonly record struct Answer(HttpStatusCode Status, ProviderAnswer? Body, TimeSpan? RetryAfter, ChargeOutcome? Failure)
    {
        public static Answer Failed(ChargeOutcome outcome) => new(default, null, null, outcome);
    }
}
