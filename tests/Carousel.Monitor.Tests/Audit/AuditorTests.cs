using Carousel.Monitor.Audit;
using Carousel.Orders;

namespace Carousel.Monitor.Tests.Audit;

/// <summary>What an audit says of worlds in which nothing is wrong.</summary>
public sealed class AuditorTests
{
    [Fact]
    public async Task A_clean_world_balances_and_its_figures_are_right()
    {
        AuditReport report = await (await World.CleanAsync()).AuditAsync();

        Assert.Empty(report.Findings);
        Assert.Equal(AuditVerdict.Balanced, report.Verdict);
        Reconciliation books = report.Reconciliation;
        Assert.Equal((8, 2, 6, 5, 4), (books.Records, books.NotOrders, books.Accepted, books.Validated, books.Fulfilled));
        Assert.Equal([new MoneyCount("GBP", 4, 24.40m)], books.Charged);
        Assert.Equal((12, 1), (books.UnitsSold, books.Declined));
        Assert.Equal(new StockTotals(2, 2000, 1988, 0, 12), books.Stock);
        Assert.Equal(
            [
                new DeadLetterCount(DeadLetterCategory.Defect, "MALFORMED", 2),
                new DeadLetterCount(DeadLetterCategory.Rejection, "PAYMENT_DECLINED", 1),
                new DeadLetterCount(DeadLetterCategory.Rejection, "UNKNOWN_CUSTOMER", 1),
            ],
            books.DeadLetters);
    }

    [Fact]
    public async Task An_order_that_was_posted_twice_is_one_order()
    {
        World world = await World.CleanAsync();
        await world.AcceptAsync(World.NewOrder("ord-1", "cust-1"));
        world.CommitAll();

        AuditReport report = await world.AuditAsync();

        Assert.Equal((AuditVerdict.Balanced, 1L, 6L), (report.Verdict, report.Reconciliation.Repeats, report.Reconciliation.Accepted));
    }

    [Fact]
    public async Task A_reported_conflict_is_not_an_order_of_its_own()
    {
        World world = await World.CleanAsync();
        LogPosition conflict = await world.AcceptAsync(World.NewOrder("ord-1", "cust-1", quantity: 9));
        await world.WriteDeadLetterAsync(conflict, DeadLetterCategory.Rejection, DeadLetterReasons.ConflictingDuplicate, "ord-1");
        world.CommitAll();

        AuditReport report = await world.AuditAsync();

        Assert.Equal((AuditVerdict.Balanced, 1L, 6L), (report.Verdict, report.Reconciliation.Conflicts, report.Reconciliation.Accepted));
    }

    [Fact]
    public async Task A_record_that_validation_has_not_reached_is_not_ended_yet()
    {
        World world = await World.CleanAsync();
        await world.AcceptAsync(World.NewOrder("ord-new", "cust-1"));
        world.Write(world.Topics.Orders, "cust-1", [1, 2]);

        AssertNotEnded(await world.AuditAsync(), new NotEndedYet(2, 0, 0, 0, []));
    }

    [Fact]
    public async Task A_reservation_whose_output_is_not_committed_yet_is_not_ended_yet()
    {
        World world = await World.CleanAsync();
        Order order = World.NewOrder("ord-new", "cust-1");
        await world.AcceptAsync(order);
        world.Settle(order, ReservationState.Reserved);

        AssertNotEnded(await world.AuditAsync(), new NotEndedYet(1, 0, 0, 0, []));
    }

    [Fact]
    public async Task A_charged_order_whose_fulfillment_is_not_committed_yet_is_not_ended_yet()
    {
        World world = await World.CleanAsync();
        Order order = World.NewOrder("ord-new", "cust-1");
        await world.AcceptAsync(order);
        await world.ValidateAsync(order);
        world.Charge(order, "ch_ord-new");

        AssertNotEnded(await world.AuditAsync(), new NotEndedYet(0, 1, 0, 0, []));
    }

    [Fact]
    public async Task An_end_that_settlement_has_not_reached_is_not_ended_yet()
    {
        World world = await World.CleanAsync();
        Order order = World.NewOrder("ord-new", "cust-1");
        await world.FulfillAsync(order);
        world.Settle(order, ReservationState.Reserved);

        AssertNotEnded(await world.AuditAsync(), new NotEndedYet(0, 0, 1, 0, []));
    }

    [Fact]
    public async Task An_exhausted_order_keeps_its_stock_and_balances()
    {
        World world = await World.CleanAsync();
        await ExhaustAsync(world, charged: false);

        AuditReport report = await world.AuditAsync();

        Assert.Empty(report.Findings);
        Assert.Equal((AuditVerdict.Balanced, 3L), (report.Verdict, report.Reconciliation.Stock.Reserved));
    }

    [Fact]
    public async Task An_exhausted_order_that_was_charged_waits_for_a_person()
    {
        World world = await World.CleanAsync();
        await ExhaustAsync(world, charged: true);

        AssertNotEnded(await world.AuditAsync(), new NotEndedYet(0, 0, 0, 1, []));
    }

    [Fact]
    public async Task What_happens_while_the_audit_reads_is_not_held_against_anybody()
    {
        World world = await World.CleanAsync();
        world.WhenLedgerIsRead = () => world.FulfillAsync(World.NewOrder("ord-late", "cust-2"));

        AuditReport report = await world.AuditAsync();

        Assert.Empty(report.Findings);
        Assert.Equal((AuditVerdict.NotEndedYet, true, 6L), (report.Verdict, report.LogMoved, report.Reconciliation.Accepted));
    }

    [Fact]
    public async Task A_registry_that_is_away_is_no_finding_but_an_error()
    {
        World world = await World.CleanAsync();
        world.Registry.IsAway = true;

        AuditException error = await Assert.ThrowsAsync<AuditException>(world.AuditAsync);

        Assert.Contains("schema registry", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_a_few_examples_are_kept_and_all_are_counted()
    {
        World world = await World.CleanAsync();
        world.Ledger.RemoveAll(entry => entry.Status == LedgerStatus.Captured);

        FindingGroup group = Assert.Single((await world.AuditAsync()).Findings);

        Assert.Equal((FindingKind.FulfilledWithoutCharge, 4L, 2), (group.Kind, group.Count, group.Examples.Count));
    }

    private static async Task ExhaustAsync(World world, bool charged)
    {
        Order order = World.NewOrder("ord-exhausted", "cust-1");
        await world.AcceptAsync(order);
        LogPosition validated = await world.ValidateAsync(order);
        await world.WriteDeadLetterAsync(validated, DeadLetterCategory.Exhausted, DeadLetterReasons.PaymentUnknown, "ord-exhausted");
        if (charged)
        {
            world.Charge(order, "ch_unknown");
        }

        world.CommitAll();
    }

    private static void AssertNotEnded(AuditReport report, NotEndedYet expected)
    {
        Assert.Empty(report.Findings);
        Assert.Equal(AuditVerdict.NotEndedYet, report.Verdict);
        Assert.Equal(expected, report.NotEnded with { Examples = expected.Examples });
        Assert.Equal(expected.Total, report.NotEnded.Examples.Count);
    }
}
