using Carousel.Orders;
using Carousel.Orders.Avro;

namespace Carousel.Monitor.Audit;

/// <summary>Reads <c>orders-validated</c> against the orders accepted.</summary>
internal sealed class ValidatedPass(AuditWork work) : ITopicPass
{
    private readonly string _topic = work.Topics.OrdersValidated;
    private readonly LaneCheck _lanes = new(work, work.Topics.OrdersValidated);

    public void BeginPartition() => _lanes.BeginPartition();

    public async ValueTask TakeAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        var position = new PackedPosition(record.Partition, record.Offset);
        LogPosition at = position.In(_topic);
        Letter? letter = LetterCheck.Meet(work, _topic, record);
        Decoded<ValidatedOrder> decoded = await work.Values.Validated.DecodeAsync(record.Value, cancellationToken);
        if (decoded.Value is not { } validated)
        {
            NotAnOrder(position, letter, decoded.Defect!.Detail);
            return;
        }

        string id = validated.Order.OrderId.ToString();
        int index = work.Orders.Find(id);
        if (index < 0)
        {
            // Somebody bypassed validation; if fulfillment saw that, the record ended as it should.
            if (letter is not { Category: DeadLetterCategory.Defect })
            {
                work.Findings.Add(FindingKind.OutputWithoutInput, $"{at}: order {id} was validated and is nowhere in {work.Topics.Orders}.", id, at, validated.Order.Amount, validated.Order.Currency);
            }

            return;
        }

        Take(ref work.Orders[index], validated.Order, record, letter);
    }

    private void Take(ref OrderState state, Order order, AuditRecord record, Letter? letter)
    {
        var position = new PackedPosition(record.Partition, record.Offset);
        LogPosition at = position.In(_topic);
        string id = order.OrderId.ToString();
        if (!state.Validated.IsNone)
        {
            work.Findings.Add(FindingKind.ValidatedTwice, $"{at}: order {id} was validated before, at {state.Validated.In(_topic)}.", id, at, state.Amount, work.CurrencyOf(state));
            return;
        }

        state.Validated = position;
        work.Counts.Validated++;
        if (state.Fingerprint != BitConverter.ToUInt64(OrderFingerprint.Of(order)))
        {
            work.Findings.Add(FindingKind.OutputDiffers, $"{at}: order {id} was validated with another content than accepted at {state.Accepted.In(work.Topics.Orders)}.", id, at, order.Amount, order.Currency);
        }

        if (state.Has(OrderMarks.EndedByValidation))
        {
            work.Findings.Add(FindingKind.EndedTwice, $"{at}: order {id} was validated, and dead-lettered by validation too.", id, at, state.Amount, work.CurrencyOf(state));
        }

        _lanes.Check(record, work.Topics.Orders, state.Accepted, id);
        End(ref state, letter, order);
    }

    /// <summary>A REJECTION gives the stock back; EXHAUSTED and DEFECT keep it until a person decides.</summary>
    private void End(ref OrderState state, Letter? letter, Order order)
    {
        state.Marks |= letter?.Category switch
        {
            DeadLetterCategory.Rejection => OrderMarks.RejectedByFulfillment,
            DeadLetterCategory.Exhausted => OrderMarks.ExhaustedByFulfillment,
            DeadLetterCategory.Defect => OrderMarks.DefectByFulfillment,
            _ => OrderMarks.None,
        };
        if (letter is { } ended && work.Letters.ReasonOf(ended) == DeadLetterReasons.PaymentDeclined)
        {
            state.Marks |= OrderMarks.DeclineReported;
        }

        if (letter?.Category != DeadLetterCategory.Rejection)
        {
            foreach (OrderLine line in order.Lines)
            {
                work.Skus[line.Sku].Reserved += line.Quantity;
            }
        }
    }

    private void NotAnOrder(PackedPosition position, Letter? letter, string defect)
    {
        LogPosition at = position.In(_topic);
        if (letter is not null)
        {
            return;
        }

        if (work.Snapshot.IsPast(work.Topics.FulfillmentGroup, _topic, position))
        {
            work.Findings.Add(FindingKind.LostRecord, $"{at}: the record can't be read ({defect}), and fulfillment has passed it without a dead letter.", null, at);
        }
        else
        {
            work.NotEnded.AwaitsFulfillment(at.ToString());
        }
    }
}
