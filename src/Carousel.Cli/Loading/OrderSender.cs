using System.Net;

namespace Carousel.Cli.Loading;

/// <summary>
/// Sends one order or one batch at a time and repeats it until everything in it has a final answer or is given up. One worker owns it.
/// 429, 5xx and no answer at all are reasons to repeat: with the same Idempotency-Key that is always safe.
/// </summary>
internal sealed class OrderSender : IDisposable
{
    private static readonly TimeSpan RetryDelayFirst = TimeSpan.FromMilliseconds(100);

    private readonly HttpMessageInvoker _http;
    private readonly OrderPosterOptions _options;
    private readonly PostingTally _tally;
    private readonly TimeProvider _time;
    private readonly IOrderRequest _request;
    private CancellationTokenSource _attempt = new();

    public OrderSender(HttpMessageInvoker http, OrderPosterOptions options, PostingTally tally, TimeProvider time)
    {
        _http = http;
        _options = options;
        _tally = tally;
        _time = time;
        _request = options.BatchSize > 0 ? new BatchRequest(options) : new SingleRequest(options, tally.WantsOrderIds);
    }

    public void Dispose() => _attempt.Dispose();

    public async Task SendAsync(IReadOnlyList<PreparedOrder> orders, CancellationToken cancellationToken)
    {
        long first = _time.GetTimestamp();
        var open = new List<PreparedOrder>(orders);
        for (int attempt = 1; ; attempt++)
        {
            Attempt result = await TryOnceAsync(open, first, cancellationToken);
            if (open.Count == 0)
            {
                return;
            }

            TimeSpan wait = Wait(attempt, result.RetryAfter);
            if (_time.GetElapsedTime(first) + wait > _options.GiveUpAfter)
            {
                open.ForEach(order => _tally.GivenUp(result.Status, Latency(order, first)));
                return;
            }

            _tally.Retried(open.Count);
            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    /// <summary>Takes out of <paramref name="open"/> what got its final answer.</summary>
    private async Task<Attempt> TryOnceAsync(List<PreparedOrder> open, long first, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _attempt);
        _attempt.CancelAfter(_options.RequestTimeout);
        var attempt = new Attempt();
        try
        {
            using HttpRequestMessage request = _request.Make(open);
            using HttpResponseMessage response = await _http.SendAsync(request, _attempt.Token);
            attempt = new Attempt(response.StatusCode, RetryAfter(response));
            await foreach (OrderAnswer answer in _request.AnswersAsync(response, open, _attempt.Token))
            {
                attempt = attempt with { Status = answer.Status };
                Take(answer, open, first);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _tally.ConnectionFailed();
        }

        // Orders that were answered are marked by an empty body; they go out of the list at once, since their places are those of the request.
        open.RemoveAll(order => order.Json.Length == 0);
        if (!_attempt.TryReset())
        {
            _attempt.Dispose();
            _attempt = new CancellationTokenSource();
        }

        return attempt;
    }

    private void Take(OrderAnswer answer, List<PreparedOrder> open, long first)
    {
        PreparedOrder order = open[answer.Index];
        if (order.Json.Length == 0 || IsWorthAnother(answer.Status))
        {
            return;
        }

        TimeSpan latency = Latency(order, first);
        if (answer.Status is HttpStatusCode.Accepted or HttpStatusCode.OK)
        {
            _tally.Accepted(order, answer.OrderId, latency);
        }
        else
        {
            _tally.Refused(order, answer.Status, answer.Refusal, latency);
        }

        open[answer.Index] = order with { Json = [] };
    }

    private static bool IsWorthAnother(HttpStatusCode status) => status == HttpStatusCode.TooManyRequests || (int)status >= 500;

    private TimeSpan Latency(PreparedOrder order, long first) => _time.GetElapsedTime(order.Planned == 0 ? first : order.Planned);

    private TimeSpan Wait(int attempt, TimeSpan? retryAfter)
    {
        double bound = RetryDelayFirst.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 16));
        var backoff = TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * Math.Min(bound, _options.RetryDelayMax.TotalMilliseconds));
        TimeSpan asked = retryAfter is { } after && after > TimeSpan.Zero ? after : TimeSpan.Zero;

        // Jitter on top of Retry-After, so that those who were turned away together don't come back together.
        TimeSpan wait = asked + backoff;
        return wait < _options.RetryDelayMax ? wait : _options.RetryDelayMax;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    private readonly record struct Attempt(HttpStatusCode? Status, TimeSpan? RetryAfter);
}
