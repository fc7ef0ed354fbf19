using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;

namespace Carousel.Cli.Composition;

/// <summary>Writes the dead letters of the order stages: the source record byte for byte, under its own key, with why it left.</summary>
internal sealed class OrderDeadLetterWriter(string stage, CarouselTopics topics, OrderValues values) : IDeadLetterWriter
{
    public async ValueTask<OutputRecord> WriteAsync(
        SourceRecord source, Outcome.DeadLettered outcome, int attempts, DateTime failedAt, CancellationToken cancellationToken)
    {
        var letter = new DeadLetter(
            stage,
            Category(outcome.Kind),
            outcome.Reason,
            outcome.Detail,
            outcome.Subject,
            attempts,
            failedAt,
            source.Partition.Topic,
            source.Partition.Partition,
            source.Offset,
            source.Timestamp,
            source.Key,
            source.Value,
            [.. source.Headers.Select(header => new DeadLetterHeader(header.Name, header.Value))]);
        byte[] value;
        try
        {
            value = await values.DeadLetters.EncodeAsync(letter, cancellationToken);
        }
        catch (RegistryUnavailableException e)
        {
            throw new DependencyUnavailableException("schema registry", e.Message, e);
        }

        // A record without a key stays in its partition's number, so that what follows it there follows it here.
        int? partition = source.Key is null ? source.Partition.Partition : null;
        return new OutputRecord(topics.OrdersDeadLetters, partition, source.Key, value, []);
    }

    private static DeadLetterCategory Category(DeadLetterKind kind) => kind switch
    {
        DeadLetterKind.Defect => DeadLetterCategory.Defect,
        DeadLetterKind.Rejection => DeadLetterCategory.Rejection,
        DeadLetterKind.Exhausted => DeadLetterCategory.Exhausted,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind of dead letter"),
    };
}
