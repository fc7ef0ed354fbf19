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
        return await ProgressLine.ShowAsync("posting", show =>
            poster.RunAsync(feed.Orders, feed.Expected, new ImmediateProgress<PostingProgress>(progress => show(Text(progress))), cancellationToken));
    }

    private static string Text(PostingProgress progress)
    {
        string of = progress.Expected is { } expected ? $" of {Number(expected)}" : "";
        string left = progress.TimeLeft is { } time ? $", {time:mm\\:ss} left" : "";
        string trouble = progress.Retries > 0 ? $", {Number(progress.Retries)} retries" : "";
        return $"posted {Number(progress.Answered)}{of}: {Number(progress.Accepted)} accepted, {Number(progress.Refused)} refused, {Number((long)progress.RatePerSecond)}/s{left}{trouble}";
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
