using Carousel.Cli.Up;
using Carousel.Monitor.Audit;
using Carousel.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Cli.Tests.Up;

public sealed class FinalAuditTests
{
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task Balanced_books_are_audited_once()
    {
        Assert.Equal(1, await AuditsAsync(Report(0)));
    }

    [Fact]
    public async Task Orders_of_an_earlier_run_are_waited_for_until_they_have_ended()
    {
        Assert.Equal(4, await AuditsAsync(Report(3), Report(3), Report(1), Report(0)));
    }

    [Fact]
    public async Task Where_nothing_ends_any_more_the_wait_is_over()
    {
        int audits = await AuditsAsync(Report(3));
        Assert.InRange(audits, 2, 11);
    }

    [Fact]
    public async Task Nobody_waits_for_orders_that_wait_for_a_person()
    {
        Assert.Equal(1, await AuditsAsync(Report(2, parked: 2)));
    }

    /// <summary>How many audits it takes with these reports, of which the last one is repeated.</summary>
    private async Task<int> AuditsAsync(params AuditReport[] reports)
    {
        int audits = 0;
        var final = new FinalAudit(
            _ =>
            {
                audits++;
                return Task.FromResult(reports[Math.Min(audits, reports.Length) - 1]);
            },
            _time);
        Task<AuditReport> running = final.RunAsync(Stall, CancellationToken.None);
        await Eventually.TrueAsync(
            "the audits end",
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return running.IsCompleted;
            },
            isEnded => isEnded,
            TimeSpan.FromSeconds(30));
        Assert.Same(reports[^1], await running);
        return audits;
    }

    private static AuditReport Report(long total, long parked = 0) => new(
        total == 0 ? AuditVerdict.Balanced : AuditVerdict.NotEndedYet,
        LogMoved: false,
        new Reconciliation(0, 0, 0, 0, 0, 0, 0, [], [], [], 0, 0, new StockTotals(0, 0, 0, 0, 0)),
        new NotEndedYet(total - parked, 0, 0, parked, []),
        []);
}
