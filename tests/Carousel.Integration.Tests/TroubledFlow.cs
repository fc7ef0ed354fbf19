using Carousel.Cli.Loading;
using Carousel.Monitor.Audit;
using Carousel.Testing;
using Carousel.Testing.Pipeline;

namespace Carousel.Integration.Tests;

/// <summary>Orders are posted at a steady rate for as long as trouble lasts; then all that were accepted have to end well.</summary>
internal sealed class TroubledFlow(TestPipeline pipeline, OrderGenerator generator)
{
    /// <summary>Orders a second.</summary>
    public const int Rate = 300;

    /// <summary>More than the markers that a transaction, committed or aborted, leaves in a topic: it takes orders to get there.</summary>
    private const int MoreMin = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private int _posted;

    /// <summary>Orders that have been posted so far.</summary>
    public int Posted => Volatile.Read(ref _posted);

    public async Task<AuditReport> EndWellAsync(Func<Task> trouble)
    {
        bool isOver = false;
        Task<PostingResult> posting = pipeline.PostAsync(
            generator.Orders().TakeWhile(_ =>
            {
                Interlocked.Increment(ref _posted);
                return !Volatile.Read(ref isOver);
            }),
            Rate);
        try
        {
            await trouble();
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        PostingResult posted = await posting;
        Assert.Equal((posted.Posted, 0L), (posted.Accepted, posted.GivenUp));
        AuditReport report = await pipeline.EndBalancedAsync();
        Assert.Equal(posted.Accepted, report.Reconciliation.Fulfilled);
        return report;
    }

    /// <summary>Waits until so many orders have been fulfilled since it began to look, roughly, so that what comes next comes in mid-flow.</summary>
    public async Task MoreOrdersAsync(int count = MoreMin)
    {
        // In trouble even that question may fail at first.
        long before = await Eventually.TrueAsync("the log says how many orders are fulfilled", FulfilledAsync, count => count >= 0, Patience);
        await Eventually.TrueAsync($"{count} more orders than {before} are fulfilled", FulfilledAsync, now => now >= before + Math.Max(MoreMin, count), Patience);
    }

    private async Task<long> FulfilledAsync() => (await pipeline.EndOffsetsAsync(pipeline.Settings.Topics.OrdersFulfilled)).Sum();
}
