using Carousel.Monitor.Audit;
using Carousel.Orders;

namespace Carousel.Monitor.Tests.Audit;

/// <summary>A clean world broken in one way: the audit names that, and nothing else.</summary>
public sealed class BreakageTests
{
    private static readonly Order First = World.NewOrder("ord-1", "cust-1");
    private static readonly Order Declined = World.NewOrder("ord-declined", "cust-1");
    private static readonly Order Fresh = World.NewOrder("ord-new", "cust-1");

    [Fact]
    public Task An_order_that_validation_lost_is_found() => FindsAsync(FindingKind.LostRecord, "ord-new", world => world.AcceptAsync(Fresh));

    [Fact]
    public Task An_order_that_fulfillment_lost_is_found() => FindsAsync(FindingKind.LostRecord, "ord-new", async world =>
    {
        await world.AcceptAsync(Fresh);
        await world.ValidateAsync(Fresh);
    });

    [Fact]
    public Task A_foreign_record_that_validation_lost_is_found() =>
        FindsAsync(FindingKind.LostRecord, "orders-1@", world => world.Write(world.Topics.Orders, "cust-1", [1, 2, 3]));

    [Fact]
    public Task A_foreign_record_that_fulfillment_lost_is_found() =>
        FindsAsync(FindingKind.LostRecord, "orders-validated-1@", world => world.Write(world.Topics.OrdersValidated, "cust-1", [1, 2, 3]));

    [Fact]
    public Task Deleted_history_is_found() => FindsAsync(FindingKind.HistoryMissing, "orders-0@2", world =>
    {
        world.Write(world.Topics.Orders, null, null, 0);
        world.Forget(world.Topics.Orders, 0, 2);
    });

    [Fact]
    public Task An_order_validated_and_rejected_by_validation_is_found() => FindsAsync(FindingKind.EndedTwice, "ord-new", async world =>
    {
        LogPosition accepted = await world.AcceptAsync(Fresh);
        await world.WriteDeadLetterAsync(accepted, DeadLetterCategory.Rejection, DeadLetterReasons.OutOfStock, "ord-new");
        await world.ValidateAsync(Fresh);
        world.Charge(Fresh, "ch_ord-new");
        await world.WriteFulfilledAsync(Fresh, "ch_ord-new");
        world.Settle(Fresh, ReservationState.Sold);
    });

    [Fact]
    public Task An_order_fulfilled_and_dead_lettered_by_fulfillment_is_found() => FindsAsync(FindingKind.EndedTwice, "ord-new", async world =>
    {
        await world.AcceptAsync(Fresh);
        LogPosition validated = await world.ValidateAsync(Fresh);
        await world.WriteDeadLetterAsync(validated, DeadLetterCategory.Exhausted, DeadLetterReasons.PaymentUnknown, "ord-new");
        world.Charge(Fresh, "ch_ord-new");
        await world.WriteFulfilledAsync(Fresh, "ch_ord-new");
        world.Settle(Fresh, ReservationState.Sold);
    });

    [Fact]
    public Task An_order_rejected_by_two_of_its_records_is_found() => FindsAsync(FindingKind.EndedTwice, "ord-rejected", async world =>
    {
        LogPosition again = await world.AcceptAsync(World.NewOrder("ord-rejected", "guest"));
        await world.WriteDeadLetterAsync(again, DeadLetterCategory.Rejection, DeadLetterReasons.UnknownCustomer, "ord-rejected");
    });

    [Fact]
    public Task An_order_validated_twice_is_found() => FindsAsync(FindingKind.ValidatedTwice, "ord-3", world =>
        world.WriteValidatedAsync(World.NewOrder("ord-3", "cust-1")));

    [Fact]
    public Task An_order_fulfilled_twice_is_found() => FindsAsync(FindingKind.FulfilledTwice, "ord-1", world => world.WriteFulfilledAsync(First, "ch_ord-1"));

    [Fact]
    public Task A_record_with_two_dead_letters_is_found() => FindsAsync(FindingKind.DeadLetteredTwice, "orders-1@", world =>
    {
        LogPosition source = Defect(world);
        return world.WriteDeadLetterAsync(source, DeadLetterCategory.Defect, DeadLetterReasons.Malformed, null);
    });

    [Fact]
    public Task A_validated_order_that_nobody_posted_is_found() =>
        FindsAsync(FindingKind.OutputWithoutInput, "ord-new", world => world.WriteValidatedAsync(Fresh));

    [Fact]
    public Task A_fulfilled_order_that_nobody_posted_is_found() =>
        FindsAsync(FindingKind.OutputWithoutInput, "ord-new", world => world.WriteFulfilledAsync(Fresh, "ch_new"));

    [Fact]
    public Task A_dead_letter_of_a_record_that_is_not_there_is_found() => FindsAsync(FindingKind.OutputWithoutInput, "orders-1@9999", world =>
        world.WriteDeadLetterAsync(new LogPosition(world.Topics.Orders, 1, 9_999), DeadLetterCategory.Defect, DeadLetterReasons.Malformed, null));

    [Fact]
    public Task A_fulfilled_order_that_was_never_validated_is_found() => FindsAsync(FindingKind.FulfilledNotValidated, "ord-new", async world =>
    {
        await world.AcceptAsync(Fresh);
        world.Charge(Fresh, "ch_ord-new");
        await world.WriteFulfilledAsync(Fresh, "ch_ord-new");
        world.Settle(Fresh, ReservationState.Sold);
    });

    [Fact]
    public Task A_validated_order_with_another_content_is_found() => FindsAsync(FindingKind.OutputDiffers, "ord-new", async world =>
    {
        await world.AcceptAsync(Fresh);
        world.Settle(Fresh, ReservationState.Reserved);
        await world.WriteValidatedAsync(Fresh with { PaymentToken = "tok_other" });
        world.Charge(Fresh, "ch_ord-new");
        await world.WriteFulfilledAsync(Fresh, "ch_ord-new");
        world.Settle(Fresh, ReservationState.Sold);
    });

    [Fact]
    public Task A_fulfilled_order_with_another_content_is_found() => FindsAsync(FindingKind.OutputDiffers, "ord-new", async world =>
    {
        await world.AcceptAsync(Fresh);
        await world.ValidateAsync(Fresh);
        world.Charge(Fresh, "ch_ord-new");
        await world.WriteFulfilledAsync(Fresh with { PaymentToken = "tok_other" }, "ch_ord-new");
        world.Settle(Fresh, ReservationState.Sold);
    });

    [Fact]
    public Task A_dead_letter_with_other_bytes_is_found() => FindsAsync(FindingKind.DeadLetterBytesDiffer, "orders-1@", world =>
    {
        LogPosition source = world.Write(world.Topics.Orders, "cust-1", [1, 2, 3]);
        return world.WriteDeadLetterAsync(source, DeadLetterCategory.Defect, DeadLetterReasons.Malformed, null, otherValue: [1, 2]);
    });

    [Fact]
    public Task An_unreadable_dead_letter_is_found() =>
        FindsAsync(FindingKind.UnreadableOutput, "orders-dlq-1@", world => world.Write(world.Topics.OrdersDeadLetters, "cust-1", [0]));

    [Fact]
    public Task An_unreadable_fulfilled_order_is_found() =>
        FindsAsync(FindingKind.UnreadableOutput, "orders-fulfilled-1@", world => world.Write(world.Topics.OrdersFulfilled, "cust-1", null));

    [Fact]
    public Task A_sound_order_dead_lettered_as_defect_is_found() => FindsAsync(FindingKind.SoundOrderCalledDefect, "ord-new", async world =>
    {
        LogPosition accepted = await world.AcceptAsync(Fresh);
        await world.WriteDeadLetterAsync(accepted, DeadLetterCategory.Defect, RuleCodes.WrongAmount, "ord-new");
    });

    [Fact]
    public Task Another_order_under_a_known_id_that_was_passed_over_is_found() =>
        FindsAsync(FindingKind.ConflictNotReported, "ord-1", world => world.AcceptAsync(World.NewOrder("ord-1", "cust-1", quantity: 7)));

    [Fact]
    public Task A_second_charge_is_found() => FindsAsync(FindingKind.ChargedTwice, "ch_again", world => world.Charge(First, "ch_again"));

    [Fact]
    public Task A_charge_of_a_rejected_order_is_found() =>
        FindsAsync(FindingKind.ChargedNotFulfilled, "ord-declined", world => world.Charge(Declined, "ch_declined"));

    [Fact]
    public Task A_charge_of_an_order_that_was_never_validated_is_found() => FindsAsync(FindingKind.ChargedNotFulfilled, "ord-new", async world =>
    {
        await world.AcceptAsync(Fresh);
        world.Charge(Fresh, "ch_ord-new");
    }, commit: false);

    [Fact]
    public Task A_charge_for_nobodys_order_is_found() => FindsAsync(FindingKind.ChargeOfUnknownOrder, "ord-new", world => world.Charge(Fresh, "ch_new"));

    [Fact]
    public Task A_charge_of_another_amount_is_found() => FindsAsync(FindingKind.ChargeDiffers, "99.00", world => Recharge(world, entry => entry with { Amount = 99m }));

    [Fact]
    public Task A_charge_in_another_currency_is_found() =>
        FindsAsync(FindingKind.ChargeDiffers, "EUR", world => Recharge(world, entry => entry with { Currency = "EUR" }));

    [Fact]
    public Task A_fulfilled_order_that_names_another_payment_is_found() =>
        FindsAsync(FindingKind.PaymentDiffers, "ord-1", world => Recharge(world, entry => entry with { PaymentId = "ch_other" }));

    [Fact]
    public Task A_fulfilled_order_with_another_amount_is_found() => FindsAsync(FindingKind.PaymentDiffers, "1.23", async world =>
    {
        await world.AcceptAsync(Fresh);
        await world.ValidateAsync(Fresh);
        world.Charge(Fresh, "ch_ord-new");
        await world.WriteFulfilledAsync(Fresh, "ch_ord-new", amount: 1.23m);
        world.Settle(Fresh, ReservationState.Sold);
    });

    [Fact]
    public Task A_fulfilled_order_without_a_charge_is_found() =>
        FindsAsync(FindingKind.FulfilledWithoutCharge, "ord-1", world => world.Ledger.RemoveAll(entry => entry.OrderId == "ord-1"));

    [Fact]
    public Task A_fulfilled_order_whose_charge_was_refunded_is_found() =>
        FindsAsync(FindingKind.FulfilledWithoutCharge, "refunded", world => world.Ledger.Add(World.Entry(First, "ch_ord-1", LedgerStatus.Refunded)));

    [Fact]
    public Task A_fulfilled_order_whose_charge_was_declined_is_found() =>
        FindsAsync(FindingKind.DeclinedAndFulfilled, "ord-1", world => Recharge(world, entry => entry with { Status = LedgerStatus.Declined }));

    [Fact]
    public Task A_decline_that_the_ledger_does_not_know_is_found() =>
        FindsAsync(FindingKind.DeclineNotInLedger, "ord-declined", world => world.Ledger.RemoveAll(entry => entry.OrderId == "ord-declined"));

    [Fact]
    public Task Stock_that_does_not_add_up_is_found() =>
        FindsAsync(FindingKind.StockUnbalanced, "sku-a", world => Restock(world, row => row with { Available = row.Available - 1 }));

    [Fact]
    public Task Stock_below_zero_is_found() =>
        FindsAsync(FindingKind.StockNegative, "sku-a", world => Restock(world, row => row with { Available = -5, Initial = row.Sold - 5 }));

    [Fact]
    public Task Pieces_sold_to_nobody_are_found() =>
        FindsAsync(FindingKind.SoldUnitsDiffer, "sku-a", world => Restock(world, row => row with { Sold = row.Sold + 1, Available = row.Available - 1 }));

    [Fact]
    public Task Pieces_reserved_for_nobody_are_found() =>
        FindsAsync(FindingKind.ReservedUnitsDiffer, "sku-a", world => Restock(world, row => row with { Reserved = 1, Available = row.Available - 1 }));

    [Fact]
    public Task A_missing_stock_row_is_found() => FindsAsync(FindingKind.StockRowMissing, "sku-a", world => world.Stock.Remove("sku-a"));

    [Fact]
    public Task A_missing_reservation_is_found() => FindsAsync(FindingKind.ReservationMissing, "ord-1", world => world.Reservations.Remove("ord-1"));

    [Fact]
    public Task A_reservation_for_nobodys_order_is_found() =>
        FindsAsync(FindingKind.ReservationOfUnknownOrder, "ord-new", world => world.Settle(Fresh, ReservationState.Reserved));

    [Fact]
    public Task A_reservation_of_another_amount_is_found() =>
        FindsAsync(FindingKind.ReservationDiffers, "ord-1", world => Rebook(world, "ord-1", entry => entry with { Amount = 1m }));

    [Fact]
    public Task A_reservation_of_other_pieces_is_found() =>
        FindsAsync(FindingKind.ReservationDiffers, "ord-1", world => Rebook(world, "ord-1", entry => entry with { Lines = [new SkuQuantity("sku-a", 3)] }));

    [Fact]
    public Task A_reservation_sold_by_another_payment_is_found() =>
        FindsAsync(FindingKind.ReservationDiffers, "ch_other", world => Rebook(world, "ord-1", entry => entry with { PaymentId = "ch_other" }));

    [Fact]
    public Task A_fulfilled_order_that_the_database_released_is_found() =>
        FindsAsync(FindingKind.ReservationStateDiffers, "ord-1", world => Rebook(world, "ord-1", entry => entry with { State = ReservationState.Released }));

    [Fact]
    public Task An_order_sold_in_the_database_alone_is_found() => FindsAsync(FindingKind.ReservationStateDiffers, "ord-new", async world =>
    {
        await world.AcceptAsync(Fresh);
        await world.ValidateAsync(Fresh);
        world.Settle(Fresh, ReservationState.Sold);
    }, commit: false);

    [Fact]
    public Task An_end_that_settlement_has_passed_over_is_found() =>
        FindsAsync(FindingKind.NotSettled, "ord-1", world => world.Settle(First, ReservationState.Reserved));

    [Fact]
    public Task A_rejection_that_settlement_has_passed_over_is_found() =>
        FindsAsync(FindingKind.NotSettled, "ord-declined", world => world.Settle(Declined, ReservationState.Reserved));

    [Theory]
    [InlineData("orders-validated")]
    [InlineData("orders-fulfilled")]
    public Task Two_outputs_of_a_customer_that_passed_each_other_are_found(string topic) => FindsAsync(FindingKind.OrderOvertaken, topic, world =>
    {
        List<AuditRecord> records = world.Records(topic, 1);
        int last = topic == world.Topics.OrdersValidated ? 1 : records.Count - 1;
        (records[0], records[last]) = (records[last] with { Offset = records[0].Offset }, records[0] with { Offset = records[last].Offset });
    });

    [Fact]
    public Task Two_dead_letters_of_a_customer_that_passed_each_other_are_found() => FindsAsync(FindingKind.OrderOvertaken, "orders-dlq", async world =>
    {
        LogPosition first = world.Write(world.Topics.Orders, "cust-1", [1]);
        LogPosition second = world.Write(world.Topics.Orders, "cust-1", [2]);
        await world.WriteDeadLetterAsync(second, DeadLetterCategory.Defect, DeadLetterReasons.Malformed, null);
        await world.WriteDeadLetterAsync(first, DeadLetterCategory.Defect, DeadLetterReasons.Malformed, null);
    });

    private static Task FindsAsync(FindingKind kind, string named, Action<World> breakIt) => FindsAsync(kind, named, world =>
    {
        breakIt(world);
        return Task.CompletedTask;
    });

    private static async Task FindsAsync(FindingKind kind, string named, Func<World, Task> breakIt, bool commit = true)
    {
        World world = await World.CleanAsync();
        await breakIt(world);
        if (commit)
        {
            world.CommitAll();
        }

        AuditReport report = await world.AuditAsync();

        Assert.Equal([kind], report.Findings.Select(group => group.Kind));
        Assert.Equal(AuditVerdict.Broken, report.Verdict);
        Assert.Contains(named, report.Findings[0].Examples[0].Message, StringComparison.Ordinal);
        Assert.Contains(report.Findings[0].Examples[0].Message, ReconciliationText.Lines(report).Select(line => line.Trim()));
    }

    private static LogPosition Defect(World world)
    {
        AuditRecord record = world.Records(world.Topics.Orders, 1).First(found => found.Value is [9, 9, 9]);
        return new LogPosition(world.Topics.Orders, 1, record.Offset);
    }

    private static void Recharge(World world, Func<LedgerEntry, LedgerEntry> change)
    {
        int index = world.Ledger.FindIndex(entry => entry.OrderId == "ord-1");
        world.Ledger[index] = change(world.Ledger[index]);
    }

    private static void Restock(World world, Func<StockEntry, StockEntry> change) => world.Stock["sku-a"] = change(world.Stock["sku-a"]);

    private static void Rebook(World world, string id, Func<ReservationEntry, ReservationEntry> change) =>
        world.Reservations[id] = change(world.Reservations[id]);
}
