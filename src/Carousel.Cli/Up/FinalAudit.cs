using Carousel.Monitor.Audit;

namespace Carousel.Cli.Up;

/// <summary>Audits, and again for as long as orders of an earlier run, which was killed perhaps, are still on their way and come nearer to their ends.</summary>
internal sealed class FinalAudit(Func<CancellationToken, Task<AuditReport>> audit, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <param name="stallMax">How long nothing may end before the last report stands.</param>
    public async Task<AuditReport> RunAsync(TimeSpan stallMax, CancellationToken cancellationToken)
    {
        AuditReport report = await audit(cancellationToken);
        long lastEnd = time.GetTimestamp();
        while (IsOnItsWay(report) && time.GetElapsedTime(lastEnd) < stallMax)
        {
            await Task.Delay(Interval, time, cancellationToken);
            AuditReport next = await audit(cancellationToken);
            lastEnd = next.NotEnded.Total < report.NotEnded.Total ? time.GetTimestamp() : lastEnd;
            report = next;
        }

        return report;
    }

    /// <summary>An order whose money was taken and that is parked waits for a person.</summary>
    private static bool IsOnItsWay(AuditReport report) =>
        report.Verdict == AuditVerdict.NotEndedYet && (report.LogMoved || report.NotEnded.Total > report.NotEnded.ParkedCharged);
}
