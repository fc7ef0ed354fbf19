using Carousel.Orders;
using Carousel.Orders.Avro;

namespace Carousel.Monitor.Audit;

/// <summary>Reads <c>orders-fulfilled</c> against the orders validated.</summary>
internal sealed class FulfilledPass(AuditWork work) : ITopicPass
{
    private readonly string _topic = work.Topics.OrdersFulfilled;
    private readonly LaneCheck _lanes = new(work, work.Topics.OrdersFulfilled);

    public void BeginPartition() => _lanes.BeginPartition();

    public async ValueTask TakeAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        var at = new LogPosition(_topic, record.Partition, record.Offset);
        Decoded<FulfilledOrder> decoded = await work.Values.Fulfilled.DecodeAsync(record.Value, cancellationToken);
        if (decoded.Value is not { } fulfilled)
        {
            work.Findings.Add(FindingKind.UnreadableOutput, $"{at}: the fulfilled order can't be read: {decoded.Defect!.Detail}.", null, at);
            return;
        }

        string id = fulfilled.Order.OrderId.ToString();
        int index = work.Orders.Find(id);
        if (index < 0)
        {
            work.Findings.Add(FindingKind.OutputWithoutInput, $"{at}: order {id} was fulfilled and is nowhere in {work.Topics.Orders}.", id, at, fulfilled.Order.Amount, fulfilled.Order.Currency);
            return;
        }

        Take(ref work.Orders[index], fulfilled, record);
    }

    private void Take(ref OrderState state, FulfilledOrder fulfilled, AuditRecord record)
    {
        var at = new LogPosition(_topic, record.Partition, record.Offset);
        string id = fulfilled.Order.OrderId.ToString();
        if (!state.Fulfilled.IsNone)
        {
            Report(FindingKind.FulfilledTwice, $"{at}: order {id} was fulfilled before, at {state.Fulfilled.In(_topic)}.", id, at, state);
            return;
        }

        state.Fulfilled = new PackedPosition(record.Partition, record.Offset);
        state.PaymentId = Digests.Of64(fulfilled.Payment.PaymentId);
        work.Counts.Fulfilled++;
        CountUnits(fulfilled.Order, wasReserved: !state.Validated.IsNone && !state.Has(OrderMarks.RejectedByFulfillment));
        CheckContent(state, fulfilled, id, at);
        if (state.Validated.IsNone)
        {
            Report(FindingKind.FulfilledNotValidated, $"{at}: order {id} was fulfilled and never validated.", id, at, state);
        }

        if (state.Has(OrderMarks.EndedByFulfillment))
        {
            Report(FindingKind.EndedTwice, $"{at}: order {id} was fulfilled, and dead-lettered by fulfillment too.", id, at, state);
        }

        _lanes.Check(record, work.Topics.OrdersValidated, state.Validated, id);
    }

    private void CheckContent(in OrderState state, FulfilledOrder fulfilled, string id, LogPosition at)
    {
        if (state.Fingerprint != BitConverter.ToUInt64(OrderFingerprint.Of(fulfilled.Order)))
        {
            Report(FindingKind.OutputDiffers, $"{at}: order {id} was fulfilled with another content than accepted at {state.Accepted.In(work.Topics.Orders)}.", id, at, state);
        }

        Payment payment = fulfilled.Payment;
        if (payment.Amount != state.Amount || payment.Currency != work.CurrencyOf(state))
        {
            work.Findings.Add(
                FindingKind.PaymentDiffers,
                $"{at}: order {id} of {Money.Text(state.Amount, work.CurrencyOf(state))} was fulfilled with a payment of {Money.Text(payment.Amount, payment.Currency)} ({payment.PaymentId}).",
                id,
                at,
                payment.Amount,
                payment.Currency);
        }
    }

    private void CountUnits(Order order, bool wasReserved)
    {
        foreach (OrderLine line in order.Lines)
        {
            SkuUnits units = work.Skus[line.Sku];
            units.Sold += line.Quantity;
            units.Reserved -= wasReserved ? line.Quantity : 0;
            work.Counts.UnitsSold += line.Quantity;
        }
    }

    private void Report(FindingKind kind, string message, string id, LogPosition at, in OrderState state) =>
        work.Findings.Add(kind, message, id, at, state.Amount, work.CurrencyOf(state));
}
