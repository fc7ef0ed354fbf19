using System.Globalization;
using Carousel.Cli.Loading;

namespace Carousel.Cli.Up;

/// <summary>Posts a feed to a gateway and shows how it goes.</summary>
internal static class Posting
{
    public static async Task<PostingResult> RunAsync(Feed feed, OrderPosterOptions options, CancellationToken cancellationToken)
    {
        options.RatePerSecond = feed.RatePerSecond;
        using var poster = new OrderPoster(options, TimeProvider.System);
        using var line = new ProgressLine(TimeProvider.System);
        return await poster.RunAsync(feed.Orders, feed.Expected, new Shown(line), cancellationToken);
    }

    private static string Text(PostingProgress progress)
    {
        string of = progress.Expected is { } expected ? $" of {Number(expected)}" : "";
        string left = progress.TimeLeft is { } time ? $", {time:mm\\:ss} left" : "";
        string trouble = progress.Retries > 0 ? $", {Number(progress.Retries)} retries" : "";
        return $"posted {Number(progress.Answered)}{of}: {Number(progress.Accepted)} accepted, {Number(progress.Refused)} refused, {Number((long)progress.RatePerSecond)}/s{left}{trouble}";
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Reports on the caller's thread, so that no line comes after the last.</summary>
    private sealed class Shown(ProgressLine line) : IProgress<PostingProgress>
    {
        public void Report(PostingProgress value) => line.Show(Text(value));
    }
}
