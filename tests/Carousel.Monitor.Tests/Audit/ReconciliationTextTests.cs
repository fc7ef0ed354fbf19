using Carousel.Monitor.Audit;
using Carousel.Orders;

namespace Carousel.Monitor.Tests.Audit;

public sealed class ReconciliationTextTests
{
    [Fact]
    public void Balanced_books_read_as_a_short_table()
    {
        string text = string.Join('\n', ReconciliationText.Lines(Report(AuditVerdict.Balanced, []), new PostedOrders(25_900, 19_960, 5_940, 0)));

        Assert.Equal(
            """
            posted                                25,900
              refused by the gateway               5,940
              accepted                            19,960

            orders in the log                     19,960
              REJECTION UNKNOWN_CUSTOMER           1,428
              fulfilled                           18,532
            charged                               18,532  8,911,407.90 GBP
            units sold                         5,168,563
            stock of 4,070 items          40,700,000,000 = 40,694,831,437 available + 0 reserved + 5,168,563 sold

            ✓ The books balance: every order ended once, was charged once, and its stock is accounted for.
            """,
            text);
    }

    [Fact]
    public void Findings_are_counted_and_told_with_their_examples()
    {
        var group = new FindingGroup(FindingKind.ChargedTwice, Invariant.ChargedOnce, 1_234, [new AuditFinding("ord-1 twice.", "ord-1", null, 5m, "GBP")]);

        string text = string.Join('\n', ReconciliationText.Lines(Report(AuditVerdict.Broken, [group])));

        Assert.Contains("✗ ChargedTwice (1,234), against \"a customer is charged once, for an order that is fulfilled\"\n    ord-1 twice.\n    and 1,233 more", text, StringComparison.Ordinal);
        Assert.EndsWith("✗ The books don't balance: 1,234 findings.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_names_what_it_counts_and_writes_money_as_text()
    {
        string json = AuditJson.Serialise(Report(AuditVerdict.Balanced, []));

        Assert.Contains("\"verdict\": \"Balanced\"", json, StringComparison.Ordinal);
        Assert.Contains("\"sum\": \"8911407.90\"", json, StringComparison.Ordinal);
        Assert.Contains("\"category\": \"Rejection\"", json, StringComparison.Ordinal);
    }

    private static AuditReport Report(AuditVerdict verdict, IReadOnlyList<FindingGroup> findings) => new(
        verdict,
        LogMoved: false,
        new Reconciliation(
            19_960,
            0,
            0,
            0,
            19_960,
            18_532,
            18_532,
            [new DeadLetterCount(DeadLetterCategory.Rejection, "UNKNOWN_CUSTOMER", 1_428)],
            [new MoneyCount("GBP", 18_532, 8_911_407.90m)],
            [],
            0,
            5_168_563,
            new StockTotals(4_070, 40_700_000_000, 40_694_831_437, 0, 5_168_563)),
        new NotEndedYet(0, 0, 0, 0, []),
        findings);
}
