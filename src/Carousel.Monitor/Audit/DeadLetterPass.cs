using Carousel.Orders;
using Carousel.Orders.Avro;

namespace Carousel.Monitor.Audit;

/// <summary>Reads the dead letters; it comes first, so that the passes after it know of each record whether it left the flow.</summary>
internal sealed class DeadLetterPass(AuditWork work) : ITopicPass
{
    private readonly LaneCheck _lanes = new(work, work.Topics.OrdersDeadLetters);

    public void BeginPartition() => _lanes.BeginPartition();

    public async ValueTask TakeAsync(AuditRecord record, CancellationToken cancellationToken)
    {
        var own = new PackedPosition(record.Partition, record.Offset);
        LogPosition position = own.In(work.Topics.OrdersDeadLetters);
        Decoded<DeadLetter> decoded = await work.Values.DeadLetters.DecodeAsync(record.Value, cancellationToken);
        if (decoded.Value is not { } letter)
        {
            work.Findings.Add(FindingKind.UnreadableOutput, $"{position}: the dead letter can't be read: {decoded.Defect!.Detail}.", null, position);
            return;
        }

        var source = new LogPosition(letter.Topic, letter.Partition, letter.Offset);
        if (letter.Partition < 0 || letter.Offset < 0)
        {
            work.Findings.Add(FindingKind.OutputWithoutInput, $"{position}: the dead letter says that it comes from {source}, where no record can be.", letter.OrderId, position);
            return;
        }

        if (!work.Letters.TryAdd(letter, own))
        {
            work.Findings.Add(FindingKind.DeadLetteredTwice, $"{position}: {source} has another dead letter before this one.", letter.OrderId, position);
            return;
        }

        _lanes.Check(record, letter.Topic, new PackedPosition(letter.Partition, letter.Offset), letter.OrderId);
    }
}
