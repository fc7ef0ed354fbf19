using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Carousel.Orders.Avro;

namespace Carousel.Registry.Client;

/// <summary>
/// One question to the registry: bounded attempts with a time limit each, and three ways to end: an answer, a refusal in the registry's own
/// words, or <see cref="RegistryUnavailableException"/>.
/// </summary>
internal sealed class RegistryHttp : IDisposable
{
    private const string ContentType = "application/vnd.schemaregistry.v1+json";

    private readonly HttpClient _http;
    private readonly RegistryClientOptions _options;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _turns;
    private readonly string _base;
    private readonly AuthenticationHeaderValue? _authentication;

    public RegistryHttp(HttpClient http, RegistryClientOptions options, TimeProvider clock)
    {
        _http = http;
        _options = options;
        _clock = clock;
        _turns = new SemaphoreSlim(options.RequestsMax);
        _base = options.Url.TrimEnd('/');
        _authentication = options.BasicAuth is { Length: > 0 } credentials
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)))
            : null;
    }

    /// <summary>The answer, or the registry's refusal (a status from 400 to 499 with an error code).</summary>
    public async Task<(T? Answer, FailureMessage? Refusal)> AskAsync<T>(
        HttpMethod method, string path, object? body, CancellationToken cancellationToken)
        where T : class
    {
        for (var attempt = 1; ; attempt++)
        {
            await _turns.WaitAsync(cancellationToken);
            try
            {
                return await AttemptAsync<T>(method, path, body, cancellationToken);
            }
            catch (Exception exception) when (IsTransient(exception, cancellationToken))
            {
                if (attempt >= _options.AttemptsMax)
                {
                    throw new RegistryUnavailableException(
                        $"The schema registry at {_base} gave no usable answer to {method} {path} in {attempt} attempts: {Reason(exception)}; "
                        + "check that it runs there.", exception);
                }
            }
            finally
            {
                _turns.Release();
            }

            var pause = _options.RetryPause * Math.Pow(2, attempt - 1);
            await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), _clock, cancellationToken);
        }
    }

    public void Dispose()
    {
        _turns.Dispose();
    }

    private async Task<(T? Answer, FailureMessage? Refusal)> AttemptAsync<T>(
        HttpMethod method, string path, object? body, CancellationToken cancellationToken)
        where T : class
    {
        using var limit = new CancellationTokenSource(_options.AttemptTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var request = new HttpRequestMessage(method, _base + path);
        request.Headers.Accept.ParseAdd($"{ContentType}, application/json;q=0.5");
        request.Headers.Authorization = _authentication;
        request.Content = body is null ? null : JsonContent.Create(body, body.GetType(), new MediaTypeHeaderValue(ContentType));

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
        if (response.IsSuccessStatusCode)
        {
            return (await response.Content.ReadFromJsonAsync<T>(either.Token) ?? throw new JsonException("the answer is empty"), null);
        }

        var status = (int)response.StatusCode;
        if (status >= 500 || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)
        {
            throw new HttpRequestException($"status {status}", null, response.StatusCode);
        }

        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new RegistryUnavailableException(
                $"The schema registry at {_base} refused the credentials for {method} {path} with status {status}; check BasicAuth.");
        }

        return (null, await ReadRefusalAsync(response, path, status, either.Token));
    }

    // A page that isn't the registry's (a proxy, a wrong path) must not pass for "there is no such schema": records would be dead letters.
    private async Task<FailureMessage> ReadRefusalAsync(HttpResponseMessage response, string path, int status, CancellationToken cancellationToken)
    {
        try
        {
            var refusal = await response.Content.ReadFromJsonAsync<FailureMessage>(cancellationToken);
            if (refusal is { ErrorCode: >= 400 } && (status != 404 || refusal.IsNotFound))
            {
                return refusal;
            }
        }
        catch (JsonException exception)
        {
            throw NotARegistry(path, status, exception);
        }

        throw NotARegistry(path, status, null);
    }

    private RegistryUnavailableException NotARegistry(string path, int status, Exception? exception)
    {
        return new RegistryUnavailableException(
            $"{_base}{path} answered {status} without a schema registry's error code; check that Url leads to a schema registry.", exception);
    }

    private static bool IsTransient(Exception exception, CancellationToken cancellationToken)
    {
        return !cancellationToken.IsCancellationRequested
            && exception is HttpRequestException or OperationCanceledException or IOException or JsonException;
    }

    private string Reason(Exception exception)
    {
        return exception is OperationCanceledException ? $"no answer within {_options.AttemptTimeout.TotalSeconds:0.###} s" : exception.Message;
    }
}
