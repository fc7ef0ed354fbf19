using System.Net;
using HdrHistogram;

namespace Carousel.Cli.Loading;

/// <summary>Counts what became of the orders of one run. Thread-safe; every order ends in it once.</summary>
internal sealed class PostingTally(bool keepOrderIds)
{
    private const int ExamplesMax = 5;

    /// <summary>An hour; a retry is given up long before.</summary>
    private const long LatencyMaxUs = 3_600_000_000;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<HttpStatusCode, long> _statuses = [];
    private readonly SortedDictionary<string, long> _codes = new(StringComparer.Ordinal);
    private readonly List<PostingRefusal> _examples = [];
    private readonly LongHistogram _latency = new(1, LatencyMaxUs, 3);
    private readonly PostedOrderIds? _ids = keepOrderIds ? new PostedOrderIds() : null;
    private long _accepted;
    private long _refused;
    private long _givenUp;
    private long _retries;
    private long _connectionErrors;

    public bool WantsOrderIds => keepOrderIds;

    public void Accepted(PreparedOrder order, string? orderId, TimeSpan latency)
    {
        if (orderId is not null)
        {
            _ids?.Add(order.IdempotencyKey, orderId);
        }

        lock (_lock)
        {
            _accepted++;
            EndNeedsLock(HttpStatusCode.Accepted, latency);
        }
    }

    public void Refused(PreparedOrder order, HttpStatusCode status, Refusal refusal, TimeSpan latency)
    {
        lock (_lock)
        {
            _refused++;
            _codes[refusal.Code] = _codes.GetValueOrDefault(refusal.Code) + 1;
            if (_examples.Count < ExamplesMax)
            {
                _examples.Add(new PostingRefusal(order.IdempotencyKey, (int)status, refusal.Code, refusal.Detail));
            }

            EndNeedsLock(status, latency);
        }
    }

    /// <param name="status">Of the last attempt; null when it got none.</param>
    public void GivenUp(HttpStatusCode? status, TimeSpan latency)
    {
        lock (_lock)
        {
            _givenUp++;
            EndNeedsLock(status, latency);
        }
    }

    public void Retried(int orders) => Interlocked.Add(ref _retries, orders);

    public void ConnectionFailed() => Interlocked.Increment(ref _connectionErrors);

    public PostingProgress Progress(long? expected, TimeSpan elapsed, PostingProgress? last)
    {
        lock (_lock)
        {
            long answered = _accepted + _refused + _givenUp;
            double seconds = (elapsed - (last?.Elapsed ?? TimeSpan.Zero)).TotalSeconds;
            double rate = seconds > 0 ? (answered - (last?.Answered ?? 0)) / seconds : 0;
            TimeSpan? left = rate > 0 && expected is { } all ? TimeSpan.FromSeconds(Math.Max(0, all - answered) / rate) : null;
            return new PostingProgress(answered, _accepted, _refused, _givenUp, Interlocked.Read(ref _retries), expected, elapsed, rate, left);
        }
    }

    public PostingResult Result(TimeSpan elapsed)
    {
        lock (_lock)
        {
            return new PostingResult(
                _accepted + _refused + _givenUp,
                _accepted,
                _refused,
                _givenUp,
                new SortedDictionary<HttpStatusCode, long>(_statuses),
                new SortedDictionary<string, long>(_codes, StringComparer.Ordinal),
                Interlocked.Read(ref _retries),
                Interlocked.Read(ref _connectionErrors),
                [.. _examples],
                elapsed,
                LatencySummary.Of(_latency),
                _ids);
        }
    }

    private void EndNeedsLock(HttpStatusCode? status, TimeSpan latency)
    {
        if (status is { } final)
        {
            _statuses[final] = _statuses.GetValueOrDefault(final) + 1;
        }

        _latency.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, LatencyMaxUs));
    }
}
