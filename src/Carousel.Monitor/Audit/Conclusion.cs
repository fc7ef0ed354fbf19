namespace Carousel.Monitor.Audit;

/// <summary>What can be said only when everything was read: orders without an end, and money without an order.</summary>
internal sealed class Conclusion(AuditWork work)
{
    public void Run()
    {
        foreach ((string topic, PackedPosition source, Letter letter) in work.Letters.Unmet())
        {
            LogPosition at = letter.Own.In(work.Topics.OrdersDeadLetters);
            work.Findings.Add(FindingKind.OutputWithoutInput, $"{at}: the dead letter's source {source.In(topic)} holds no committed record.", null, at);
        }

        for (int index = 0; index < work.Orders.Count; index++)
        {
            ref OrderState state = ref work.Orders[index];
            Standing standing = Standings.Of(state);
            CheckEnd(index, state, standing);
            CheckMoney(index, state, standing);
            CheckReservation(index, state, standing);
        }
    }

    private void CheckEnd(int index, in OrderState state, Standing standing)
    {
        if (standing == Standing.Undecided)
        {
            if (work.Snapshot.IsPast(work.Topics.ValidationGroup, work.Topics.Orders, state.Accepted))
            {
                LogPosition at = state.Accepted.In(work.Topics.Orders);
                Report(FindingKind.LostRecord, index, state, at, $"{at}: validation has passed order {Id(index)}, and nothing came of it.");
            }
            else
            {
                work.NotEnded.AwaitsValidation(Id(index));
            }
        }
        else if (standing == Standing.Held)
        {
            if (work.Snapshot.IsPast(work.Topics.FulfillmentGroup, work.Topics.OrdersValidated, state.Validated))
            {
                LogPosition at = state.Validated.In(work.Topics.OrdersValidated);
                Report(FindingKind.LostRecord, index, state, at, $"{at}: fulfillment has passed order {Id(index)}, and nothing came of it.");
            }
            else
            {
                work.NotEnded.AwaitsFulfillment(Id(index));
            }
        }
    }

    private void CheckMoney(int index, in OrderState state, Standing standing)
    {
        bool isCharged = state.Captures > state.Refunds;
        if (standing == Standing.Sold)
        {
            CheckFulfilled(index, state, isCharged);
            return;
        }

        if (isCharged)
        {
            string what = $"Order {Id(index)} of {Money.Text(state.Amount, work.CurrencyOf(state))} was charged and is {standing.ToString().ToLowerInvariant()}";
            LogPosition at = state.Accepted.In(work.Topics.Orders);
            switch (standing)
            {
                case Standing.Held:
                    // The charge comes before the record that tells of it.
                    break;
                case Standing.HeldParked:
                    work.NotEnded.ParkedCharged(Id(index));
                    break;
                case Standing.Undecided:
                    work.FindingsUnlessMoved.Add(FindingKind.ChargedNotFulfilled, $"{what}.", Id(index), at, state.Amount, work.CurrencyOf(state));
                    break;
                default:
                    Report(FindingKind.ChargedNotFulfilled, index, state, at, $"{what}, not fulfilled.");
                    break;
            }
        }

        if (state.Has(OrderMarks.DeclineReported) && !state.Has(OrderMarks.DeclinedInLedger))
        {
            LogPosition at = state.Validated.In(work.Topics.OrdersValidated);
            Report(FindingKind.DeclineNotInLedger, index, state, at, $"Order {Id(index)} was rejected as declined, and the ledger has no declined charge for it.");
        }
    }

    private void CheckFulfilled(int index, in OrderState state, bool isCharged)
    {
        LogPosition at = state.Fulfilled.In(work.Topics.OrdersFulfilled);
        string order = $"{at}: order {Id(index)} of {Money.Text(state.Amount, work.CurrencyOf(state))} is fulfilled";
        if (!isCharged)
        {
            bool isDeclined = state.Captures == 0 && state.Has(OrderMarks.DeclinedInLedger);
            FindingKind kind = isDeclined ? FindingKind.DeclinedAndFulfilled : FindingKind.FulfilledWithoutCharge;
            string why = isDeclined ? "its charge was declined" : state.Captures > 0 ? "its charge was refunded" : "the ledger has no charge for it";
            Report(kind, index, state, at, $"{order}, and {why}.");
        }
        else if (!state.Has(OrderMarks.PaymentFound))
        {
            Report(FindingKind.PaymentDiffers, index, state, at, $"{order} with a payment id that isn't among its charges.");
        }
    }

    private void CheckReservation(int index, in OrderState state, Standing standing)
    {
        if (standing is not (Standing.Undecided or Standing.Parked) && !state.Has(OrderMarks.InBooks))
        {
            LogPosition at = state.Accepted.In(work.Topics.Orders);
            Report(FindingKind.ReservationMissing, index, state, at, $"Order {Id(index)} is {standing.ToString().ToLowerInvariant()}, and the database doesn't know it.");
        }
    }

    private string Id(int index) => work.Orders.IdOf(index);

    private void Report(FindingKind kind, int index, in OrderState state, LogPosition at, string message) =>
        work.Findings.Add(kind, message, Id(index), at, state.Amount, work.CurrencyOf(state));
}
