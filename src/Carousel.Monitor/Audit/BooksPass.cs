namespace Carousel.Monitor.Audit;

/// <summary>Reads the database's reservations and stock against the topics.</summary>
internal sealed class BooksPass(AuditWork work)
{
    public async Task RunAsync(IBooksSnapshot books, IProgress<AuditProgress>? progress, CancellationToken cancellationToken)
    {
        const int ProgressEvery = 1_000;
        long read = 0;
        await foreach (ReservationEntry reservation in books.ReservationsAsync(cancellationToken))
        {
            Take(reservation);
            if (++read % ProgressEvery == 0)
            {
                progress?.Report(new AuditProgress("database", read, work.Orders.Count));
            }
        }

        var stock = new StockCheck(work);
        await foreach (StockEntry row in books.StockAsync(cancellationToken))
        {
            stock.Take(row);
        }

        stock.End();
    }

    private void Take(ReservationEntry reservation)
    {
        int index = work.Orders.Find(reservation.OrderId);
        if (index < 0)
        {
            work.FindingsUnlessMoved.Add(
                FindingKind.ReservationOfUnknownOrder,
                $"The database has order {reservation.OrderId} as {Word(reservation.State)}, and it was never accepted.",
                reservation.OrderId,
                null,
                reservation.Amount,
                reservation.Currency);
            Move(reservation, 1, reservation.State == ReservationState.Reserved, reservation.State == ReservationState.Sold);
            return;
        }

        ref OrderState state = ref work.Orders[index];
        if (state.Has(OrderMarks.InBooks))
        {
            Report(FindingKind.ReservationDiffers, $"The database has two reservations for order {reservation.OrderId}.", reservation, state);
            return;
        }

        state.Marks |= OrderMarks.InBooks;
        CompareContent(reservation, state);
        CompareState(reservation, state);
    }

    private void CompareContent(ReservationEntry reservation, in OrderState state)
    {
        if ((reservation.Amount is { } amount && amount != state.Amount) || (reservation.Currency is { } currency && currency != work.CurrencyOf(state)))
        {
            Report(
                FindingKind.ReservationDiffers,
                $"The database has order {reservation.OrderId} of {Money.Text(state.Amount, work.CurrencyOf(state))} with {Money.Text(reservation.Amount, reservation.Currency)}.",
                reservation,
                state);
        }
        else if (reservation.State != ReservationState.Rejected && work.Skus.Pieces(reservation.Lines) != state.Pieces)
        {
            Report(FindingKind.ReservationDiffers, $"The database has order {reservation.OrderId} with other pieces than were ordered.", reservation, state);
        }
        else if (reservation is { State: ReservationState.Sold, PaymentId: { } payment } && !state.Fulfilled.IsNone && Digests.Of64(payment) != state.PaymentId)
        {
            Report(FindingKind.ReservationDiffers, $"The database has order {reservation.OrderId} sold by payment {payment}, which isn't the one it was fulfilled with.", reservation, state);
        }
    }

    private void CompareState(ReservationEntry reservation, in OrderState state)
    {
        Standing standing = Standings.Of(state);
        switch (standing, reservation.State)
        {
            case (Standing.Sold, ReservationState.Sold):
            case (Standing.Released, ReservationState.Released):
            case (Standing.Rejected, ReservationState.Rejected):
            case (Standing.Held or Standing.HeldParked, ReservationState.Reserved):
            case (Standing.Parked, _):
                return;

            // SQL commits before Kafka does, so a decision may be in the database alone.
            case (Standing.Undecided, ReservationState.Reserved or ReservationState.Rejected):
                break;
            case (Standing.Sold or Standing.Released, ReservationState.Reserved):
                if (IsSettled(state, standing))
                {
                    Report(FindingKind.NotSettled, $"Order {reservation.OrderId} ended ({standing}), settlement has passed that, and its stock is still reserved.", reservation, state);
                }
                else
                {
                    work.NotEnded.AwaitsSettlement(reservation.OrderId);
                }

                break;

            // Right if the order ended after the snapshot of the topics.
            case (Standing.Held or Standing.Undecided, ReservationState.Sold or ReservationState.Released):
                work.FindingsUnlessMoved.Add(
                    FindingKind.ReservationStateDiffers, Differs(reservation, standing), reservation.OrderId, state.Accepted.In(work.Topics.Orders), state.Amount, work.CurrencyOf(state));
                break;
            default:
                Report(FindingKind.ReservationStateDiffers, Differs(reservation, standing), reservation, state);
                return;
        }

        // The stock rows go with the reservations; what the topics don't say yet is moved to where the database has it.
        Move(reservation, -1, standing == Standing.Held, standing == Standing.Sold);
        Move(reservation, 1, reservation.State == ReservationState.Reserved, reservation.State == ReservationState.Sold);
    }

    private bool IsSettled(in OrderState state, Standing standing)
    {
        if (standing == Standing.Sold)
        {
            return work.Snapshot.IsPast(work.Topics.SettlementGroup, work.Topics.OrdersFulfilled, state.Fulfilled);
        }

        return work.Letters.Find(work.Topics.OrdersValidated, state.Validated) is { } letter
            && work.Snapshot.IsPast(work.Topics.SettlementGroup, work.Topics.OrdersDeadLetters, letter.Own);
    }

    private void Move(ReservationEntry reservation, int sign, bool isReserved, bool isSold)
    {
        foreach (SkuQuantity line in reservation.Lines)
        {
            SkuUnits units = work.Skus[line.Sku];
            units.Reserved += isReserved ? sign * line.Quantity : 0;
            units.Sold += isSold ? sign * line.Quantity : 0;
        }
    }

    private static string Differs(ReservationEntry reservation, Standing standing) =>
        $"The database has order {reservation.OrderId} as {Word(reservation.State)}, and by the topics it is {standing.ToString().ToLowerInvariant()}.";

    private static string Word(ReservationState state) => state.ToString().ToUpperInvariant();

    private void Report(FindingKind kind, string message, ReservationEntry reservation, in OrderState state) =>
        work.Findings.Add(kind, message, reservation.OrderId, state.Accepted.In(work.Topics.Orders), state.Amount, work.CurrencyOf(state));
}
