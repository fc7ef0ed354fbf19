namespace Carousel.Monitor.Audit;

internal static class LetterCheck
{
    /// <summary>The record's dead letter, if it has one, once its bytes were held against the record's.</summary>
    public static Letter? Meet(AuditWork work, string topic, AuditRecord record)
    {
        Letter? letter = work.Letters.Meet(topic, new PackedPosition(record.Partition, record.Offset));
        if (letter is { } found && found.Digest != Digests.OfRecord(record.Key, record.Value))
        {
            LogPosition at = found.Own.In(work.Topics.OrdersDeadLetters);
            work.Findings.Add(
                FindingKind.DeadLetterBytesDiffer, $"{at}: the dead letter holds another key or value than its source {topic}-{record.Partition}@{record.Offset}.", null, at);
        }

        return letter;
    }
}
