using System.Globalization;
using System.Text;
using Carousel.Cli.Loading;

namespace Carousel.Cli.Up;

/// <summary>What became of the orders that were posted, in a few lines.</summary>
internal static class PostingText
{
    public static string Of(PostingResult result)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Posted {result.Posted:N0} orders in {result.Elapsed.TotalSeconds:N1} s ({result.RatePerSecond:N0}/s): ");
        text.Append(CultureInfo.InvariantCulture, $"{result.Accepted:N0} accepted, {result.Refused:N0} refused, {result.GivenUp:N0} given up.");
        if (result.RefusalCodes.Count > 0)
        {
            string codes = string.Join(", ", result.RefusalCodes.OrderByDescending(code => code.Value).Select(code => $"{code.Value:N0} {code.Key}"));
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"Refused for: {codes}.");
        }

        if (result.Retries > 0)
        {
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"{result.Retries:N0} attempts were repeated, {result.ConnectionErrors:N0} got no answer.");
        }

        LatencySummary latency = result.Latency;
        text.AppendLine().Append(
            CultureInfo.InvariantCulture,
            $"Answer times: p50 {latency.P50.TotalMilliseconds:N1} ms, p99 {latency.P99.TotalMilliseconds:N1} ms, max {latency.Max.TotalMilliseconds:N1} ms.");
        return text.ToString();
    }
}
