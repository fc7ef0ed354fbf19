namespace Carousel.Monitor.Audit;

/// <summary>Reads the payment ledger against the orders.</summary>
internal sealed class LedgerPass(AuditWork work)
{
    public async Task RunAsync(IPaymentLedger ledger, IProgress<AuditProgress>? progress, CancellationToken cancellationToken)
    {
        const int ProgressEvery = 1_000;
        long read = 0;
        await foreach (LedgerEntry entry in ledger.ReadAsync(cancellationToken))
        {
            Take(entry);
            if (++read % ProgressEvery == 0)
            {
                progress?.Report(new AuditProgress("ledger", read, null));
            }
        }
    }

    private void Take(LedgerEntry entry)
    {
        Count(entry);
        int index = work.Orders.Find(entry.OrderId);
        if (index < 0)
        {
            if (entry.Status != LedgerStatus.Declined)
            {
                work.FindingsUnlessMoved.Add(
                    FindingKind.ChargeOfUnknownOrder,
                    $"Payment {entry.PaymentId} ({entry.Reference}): {Money.Text(entry.Amount, entry.Currency)} {Word(entry.Status)} for order {entry.OrderId}, which was never accepted.",
                    entry.OrderId,
                    null,
                    entry.Amount,
                    entry.Currency);
            }

            return;
        }

        ref OrderState state = ref work.Orders[index];
        switch (entry.Status)
        {
            case LedgerStatus.Captured:
                Captured(ref state, entry);
                break;
            case LedgerStatus.Declined:
                state.Marks |= OrderMarks.DeclinedInLedger;
                break;
            case LedgerStatus.Refunded:
                state.Refunds = (byte)Math.Min(byte.MaxValue, state.Refunds + 1);
                break;
        }
    }

    private void Captured(ref OrderState state, LedgerEntry entry)
    {
        if (state.Captures > state.Refunds)
        {
            work.Findings.Add(
                FindingKind.ChargedTwice,
                $"Payment {entry.PaymentId} ({entry.Reference}) charges {Money.Text(entry.Amount, entry.Currency)} for order {entry.OrderId}, which was charged before.",
                entry.OrderId,
                null,
                entry.Amount,
                entry.Currency);
        }

        state.Captures = (byte)Math.Min(byte.MaxValue, state.Captures + 1);
        if (!state.Fulfilled.IsNone && state.PaymentId == Digests.Of64(entry.PaymentId))
        {
            state.Marks |= OrderMarks.PaymentFound;
        }

        if (entry.Amount != state.Amount || entry.Currency != work.CurrencyOf(state))
        {
            work.Findings.Add(
                FindingKind.ChargeDiffers,
                $"Payment {entry.PaymentId} ({entry.Reference}) charges {Money.Text(entry.Amount, entry.Currency)} for order {entry.OrderId} of {Money.Text(state.Amount, work.CurrencyOf(state))}.",
                entry.OrderId,
                state.Accepted.In(work.Topics.Orders),
                entry.Amount,
                entry.Currency);
        }
    }

    private void Count(LedgerEntry entry)
    {
        switch (entry.Status)
        {
            case LedgerStatus.Captured:
                work.Counts.Charged.Add(entry.Currency, entry.Amount);
                break;
            case LedgerStatus.Refunded:
                work.Counts.Refunded.Add(entry.Currency, entry.Amount);
                break;
            default:
                work.Counts.Declined++;
                break;
        }
    }

    private static string Word(LedgerStatus status) => status == LedgerStatus.Captured ? "captured" : "refunded";
}
