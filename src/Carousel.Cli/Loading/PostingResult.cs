using System.Net;
using HdrHistogram;

namespace Carousel.Cli.Loading;

/// <summary>Where a run of <see cref="OrderPoster"/> stands.</summary>
/// <param name="Expected">Orders in all, or null where nobody knows.</param>
/// <param name="RatePerSecond">Orders answered per second since the last report.</param>
/// <param name="TimeLeft">At that rate; null where it can't be said.</param>
internal sealed record PostingProgress(
    long Answered, long Accepted, long Refused, long GivenUp, long Retries, long? Expected, TimeSpan Elapsed, double RatePerSecond, TimeSpan? TimeLeft);

/// <summary>What became of the orders posted: each was accepted, refused for good, or given up.</summary>
/// <param name="Statuses">Final status of each order; orders that never got an answer aren't in it.</param>
/// <param name="RefusalCodes">First error code of each refusal, such as INVALID_QUANTITY, or the problem's type.</param>
/// <param name="Retries">Attempts beyond the first.</param>
/// <param name="ConnectionErrors">Attempts that ended without a status: refused, reset, timed out.</param>
/// <param name="RefusalExamples">A few refusals as they were answered.</param>
/// <param name="Latency">From planned time (or, without a rate, first attempt) to final answer, retries included.</param>
/// <param name="OrderIds">Null unless asked for.</param>
internal sealed record PostingResult(
    long Posted,
    long Accepted,
    long Refused,
    long GivenUp,
    IReadOnlyDictionary<HttpStatusCode, long> Statuses,
    IReadOnlyDictionary<string, long> RefusalCodes,
    long Retries,
    long ConnectionErrors,
    IReadOnlyList<PostingRefusal> RefusalExamples,
    TimeSpan Elapsed,
    LatencySummary Latency,
    PostedOrderIds? OrderIds)
{
    public double RatePerSecond => Elapsed > TimeSpan.Zero ? Posted / Elapsed.TotalSeconds : 0;
}

internal sealed record PostingRefusal(string IdempotencyKey, int Status, string Code, string Detail);

/// <summary>Of a histogram with 3 significant digits.</summary>
internal sealed record LatencySummary(long Count, TimeSpan P50, TimeSpan P90, TimeSpan P99, TimeSpan P999, TimeSpan Max)
{
    /// <param name="histogram">In microseconds.</param>
    public static LatencySummary Of(LongHistogram histogram) => histogram.TotalCount == 0
        ? new LatencySummary(0, default, default, default, default, default)
        : new LatencySummary(histogram.TotalCount, At(histogram, 50), At(histogram, 90), At(histogram, 99), At(histogram, 99.9), At(histogram, 100));

    private static TimeSpan At(LongHistogram histogram, double percentile) => TimeSpan.FromMicroseconds(histogram.GetValueAtPercentile(percentile));
}
