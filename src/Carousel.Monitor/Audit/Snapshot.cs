using Carousel.Orders;

namespace Carousel.Monitor.Audit;

/// <summary>
/// How far each topic and each stage was at the start. Committed offsets are taken first and the ends from the last topic to the first: so the
/// outputs of everything that counts as committed lie below the ends, and so do the inputs of every output below them.
/// </summary>
internal sealed class Snapshot
{
    private readonly Dictionary<string, IReadOnlyList<PartitionRange>> _ranges = [];
    private readonly Dictionary<(string Group, string Topic), IReadOnlyDictionary<int, long>> _committed = [];

    private Snapshot()
    {
    }

    public static async Task<Snapshot> TakeAsync(IAuditLog log, CarouselTopics topics, CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot();
        foreach ((string group, string topic) in Consumptions(topics))
        {
            snapshot._committed[(group, topic)] = await log.CommittedAsync(group, topic, cancellationToken);
        }

        foreach (string topic in LastToFirst(topics))
        {
            snapshot._ranges[topic] = await log.RangesAsync(topic, cancellationToken);
        }

        return snapshot;
    }

    public IReadOnlyList<PartitionRange> Ranges(string topic) => _ranges[topic];

    /// <summary>True when the group has left the record behind, so that whatever comes of it is written.</summary>
    public bool IsPast(string group, string topic, PackedPosition position) =>
        _committed[(group, topic)].TryGetValue(position.Partition, out long committed) && committed > position.Offset;

    /// <summary>True when anything was written since.</summary>
    public async Task<bool> HasMovedAsync(IAuditLog log, CarouselTopics topics, CancellationToken cancellationToken)
    {
        foreach (string topic in LastToFirst(topics))
        {
            IReadOnlyList<PartitionRange> now = await log.RangesAsync(topic, cancellationToken);
            if (!now.Select(range => range.End).SequenceEqual(_ranges[topic].Select(range => range.End)))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> LastToFirst(CarouselTopics topics) =>
        [topics.OrdersFulfilled, topics.OrdersDeadLetters, topics.OrdersValidated, topics.Orders];

    private static IEnumerable<(string Group, string Topic)> Consumptions(CarouselTopics topics) =>
    [
        (topics.SettlementGroup, topics.OrdersFulfilled),
        (topics.SettlementGroup, topics.OrdersDeadLetters),
        (topics.FulfillmentGroup, topics.OrdersValidated),
        (topics.ValidationGroup, topics.Orders),
    ];
}
