using System.Text;
using Carousel.Orders;
using Carousel.Orders.Avro;

namespace Carousel.Monitor.Audit;

/// <summary>Reads <c>orders</c>: which orders were accepted, and which records are none.</summary>
internal sealed class OrdersPass(AuditWork work) : ITopicPass
{
    private readonly string _topic = work.Topics.Orders;

    public void BeginPartition()
    {
        // Nothing is kept per partition.
    }

    public async ValueTask TakeAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        work.Counts.Records++;
        var position = new PackedPosition(record.Partition, record.Offset);
        Letter? letter = LetterCheck.Meet(work, _topic, record);
        Decoded<Order> decoded = await work.Values.Orders.DecodeAsync(record.Value, cancellationToken);
        if (decoded.Value is not { } order || OrderRules.Check(order).Count > 0)
        {
            work.Counts.NotOrders++;
            if (letter is null)
            {
                NothingCameOf(position, "the record isn't an order");
            }
        }
        else if (letter is { } conflict && work.Letters.ReasonOf(conflict) == DeadLetterReasons.ConflictingDuplicate)
        {
            work.Counts.Conflicts++;
        }
        else if (letter is { Category: DeadLetterCategory.Defect } defect)
        {
            work.Counts.NotOrders++;
            CheckDefect(order, record, work.Letters.ReasonOf(defect));
        }
        else
        {
            Accept(order, position, letter);
        }
    }

    private void Accept(Order order, PackedPosition position, Letter? letter)
    {
        string id = order.OrderId.ToString();
        ulong fingerprint = BitConverter.ToUInt64(OrderFingerprint.Of(order));
        int index = work.Orders.FindOrAdd(id, out bool added);
        ref OrderState state = ref work.Orders[index];
        if (added)
        {
            state.Accepted = position;
            state.Fingerprint = fingerprint;
            state.Pieces = work.Skus.Pieces(order.Lines);
            state.AmountHundredths = (long)(order.Amount * 100);
            state.Currency = work.CurrencyIndex(order.Currency);
        }
        else if (state.Fingerprint != fingerprint)
        {
            Conflict(id, position, letter);
            return;
        }
        else
        {
            work.Counts.Repeats++;
        }

        if (letter is { } ended)
        {
            End(ref state, id, ended);
        }
    }

    private void End(ref OrderState state, string id, Letter letter)
    {
        if (state.Has(OrderMarks.EndedByValidation))
        {
            LogPosition at = letter.Own.In(work.Topics.OrdersDeadLetters);
            work.Findings.Add(FindingKind.EndedTwice, $"Order {id} has more than one dead letter of validation, one of them {at}.", id, at, state.Amount, work.CurrencyOf(state));
        }

        state.Marks |= letter.Category == DeadLetterCategory.Exhausted ? OrderMarks.ExhaustedByValidation : OrderMarks.RejectedByValidation;
    }

    private void Conflict(string id, PackedPosition position, Letter? letter)
    {
        work.Counts.Conflicts++;
        LogPosition at = position.In(_topic);
        if (letter is not null || work.Snapshot.IsPast(work.Topics.ValidationGroup, _topic, position))
        {
            work.Findings.Add(FindingKind.ConflictNotReported, $"{at}: another order under the known id {id} isn't dead-lettered as {DeadLetterReasons.ConflictingDuplicate}.", id, at);
        }
        else
        {
            work.NotEnded.AwaitsValidation(at.ToString());
        }
    }

    private void NothingCameOf(PackedPosition position, string what)
    {
        LogPosition at = position.In(_topic);
        if (work.Snapshot.IsPast(work.Topics.ValidationGroup, _topic, position))
        {
            work.Findings.Add(FindingKind.LostRecord, $"{at}: {what}, and validation has passed it without a dead letter.", null, at);
        }
        else
        {
            work.NotEnded.AwaitsValidation(at.ToString());
        }
    }

    private void CheckDefect(Order order, AuditRecord record, string reason)
    {
        // A schema that was unknown or incompatible then may be known now, so only what the record itself says can be judged.
        bool isAboutSchema = reason is DeadLetterReasons.UnknownSchema or DeadLetterReasons.IncompatibleSchema;
        string? key = record.Key is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
        bool hasItsKey = key == order.CustomerId || key == order.OrderId.ToString();
        if (!isAboutSchema && hasItsKey && order.Status == OrderStatus.Created)
        {
            var at = new LogPosition(_topic, record.Partition, record.Offset);
            string id = order.OrderId.ToString();
            work.Findings.Add(FindingKind.SoundOrderCalledDefect, $"{at}: order {id} is sound and was dead-lettered as DEFECT {reason}.", id, at, order.Amount, order.Currency);
        }
    }
}
