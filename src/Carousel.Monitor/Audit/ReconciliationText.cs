using System.Globalization;

namespace Carousel.Monitor.Audit;

/// <summary>What a load run posted, to stand above what the audit found.</summary>
/// <param name="GivenUp">Orders that got no final answer.</param>
public sealed record PostedOrders(long Posted, long Accepted, long Refused, long GivenUp);

/// <summary>A report as lines for a terminal: at most 78 columns where ids are no longer than the gateway's, no colours.</summary>
public static class ReconciliationText
{
    private const int LabelWidth = 30;
    private const int NumberWidth = 14;

    /// <param name="posted">Null where nothing was posted by whoever asks.</param>
    public static IReadOnlyList<string> Lines(AuditReport report, PostedOrders? posted = null) =>
    [
        .. posted is null ? [] : Posted(posted),
        .. Orders(report.Reconciliation),
        .. Money(report.Reconciliation),
        .. Stock(report.Reconciliation),
        .. NotEnded(report),
        .. Findings(report),
        "",
        Verdict(report),
    ];

    private static IEnumerable<string> Posted(PostedOrders posted)
    {
        yield return Row("posted", posted.Posted);
        yield return Row("  refused by the gateway", posted.Refused);
        if (posted.GivenUp > 0)
        {
            yield return Row("  no answer, given up", posted.GivenUp);
        }

        yield return Row("  accepted", posted.Accepted);
        yield return "";
    }

    private static IEnumerable<string> Orders(Reconciliation books)
    {
        yield return Row("orders in the log", books.Accepted);
        foreach (DeadLetterCount count in books.DeadLetters)
        {
            yield return Row($"  {count.Category.ToString().ToUpperInvariant()} {count.Reason}", count.Count);
        }

        yield return Row("  fulfilled", books.Fulfilled);
        if (books.Repeats > 0)
        {
            yield return Row("  repeats, dropped", books.Repeats);
        }
    }

    private static IEnumerable<string> Money(Reconciliation books)
    {
        foreach (MoneyCount charged in books.Charged)
        {
            yield return Row("charged", charged.Count) + $"  {Amount(charged.Sum)} {charged.Currency}";
        }

        foreach (MoneyCount refunded in books.Refunded)
        {
            yield return Row("refunded", refunded.Count) + $"  {Amount(refunded.Sum)} {refunded.Currency}";
        }

        if (books.Charged.Count == 0)
        {
            yield return Row("charged", 0);
        }
    }

    private static IEnumerable<string> Stock(Reconciliation books)
    {
        StockTotals stock = books.Stock;
        yield return Row("units sold", books.UnitsSold);
        yield return Row($"stock of {Number(stock.Skus)} items", stock.Initial)
            + $" = {Number(stock.Available)} available + {Number(stock.Reserved)} reserved + {Number(stock.Sold)} sold";
    }

    private static IEnumerable<string> NotEnded(AuditReport report)
    {
        NotEndedYet open = report.NotEnded;
        if (open.Total > 0)
        {
            yield return "";
            yield return Row("not ended yet", open.Total) + $"  such as {string.Join(", ", open.Examples.Take(3))}";
        }

        foreach ((string what, long count) in ((string, long)[])
        [
            ("  awaiting validation", open.AwaitingValidation),
            ("  awaiting fulfillment", open.AwaitingFulfillment),
            ("  awaiting settlement", open.AwaitingSettlement),
            ("  charged and parked", open.ParkedCharged),
        ])
        {
            if (count > 0)
            {
                yield return Row(what, count);
            }
        }
    }

    private static IEnumerable<string> Findings(AuditReport report)
    {
        foreach (FindingGroup group in report.Findings)
        {
            yield return "";
            yield return $"✗ {group.Kind} ({Number(group.Count)}), against \"{Promise(group.Invariant)}\"";
            foreach (AuditFinding finding in group.Examples)
            {
                yield return $"    {finding.Message}";
            }

            if (group.Count > group.Examples.Count)
            {
                yield return $"    and {Number(group.Count - group.Examples.Count)} more";
            }
        }
    }

    private static string Verdict(AuditReport report) => report.Verdict switch
    {
        AuditVerdict.Balanced => "✓ The books balance: every order ended once, was charged once, and its stock is accounted for.",
        AuditVerdict.NotEndedYet when report.NotEnded.ParkedCharged == report.NotEnded.Total && !report.LogMoved =>
            "… Nothing is wrong, but orders are parked with their money taken: redrive or abandon them.",
        AuditVerdict.NotEndedYet => "… Nothing is wrong so far, but not every order has ended: audit again when the pipeline is quiet.",
        _ => $"✗ The books don't balance: {Number(report.Findings.Sum(group => group.Count))} findings.",
    };

    private static string Promise(Invariant invariant) => invariant switch
    {
        Invariant.EndsOnce => "an accepted order ends in exactly one place",
        Invariant.ChargedOnce => "a customer is charged once, for an order that is fulfilled",
        Invariant.StockKept => "stock is neither oversold nor leaks",
        _ => "orders of one customer don't pass each other",
    };

    private static string Row(string label, long number) => label.PadRight(LabelWidth) + Number(number).PadLeft(NumberWidth);

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Amount(decimal amount) => amount.ToString("N2", CultureInfo.InvariantCulture);
}
