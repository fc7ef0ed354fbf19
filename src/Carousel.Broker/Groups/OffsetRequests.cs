using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <param name="TopicId">Default where the client names the topic only.</param>
/// <param name="LeaderEpoch">-1 where unknown.</param>
internal readonly record struct OffsetToCommit(TopicPartition Partition, Guid TopicId, long Offset, int LeaderEpoch, string Metadata);

/// <param name="Offsets">Of partitions that exist, at least one.</param>
internal sealed record OffsetCommit(GroupCaller Caller, IReadOnlyList<OffsetToCommit> Offsets)
{
    /// <summary>How long to keep them in milliseconds, where the client says so; null for the broker's own measure.</summary>
    public long? RetentionMs { get; init; }

    /// <summary>The client understands GROUP_ID_NOT_FOUND (KIP-848).</summary>
    public bool KnowsGroupIdNotFound { get; init; }
}

/// <summary>Offsets that count once the producer's transaction is committed.</summary>
/// <param name="Enlists">The transaction takes on the partition of __consumer_offsets with this very request (KIP-890, part 2).</param>
internal sealed record TransactionalOffsetCommit(
    string TransactionalId, ProducerStamp Producer, GroupCaller Caller, IReadOnlyList<OffsetToCommit> Offsets, bool Enlists);

/// <param name="TopicId">Default where the client names the topic only.</param>
internal readonly record struct OffsetToFetch(TopicPartition Partition, Guid TopicId);

/// <param name="Committed">Null where the group has committed nothing.</param>
internal readonly record struct FetchedOffset(TopicPartition Partition, Guid TopicId, ErrorCode Error, CommittedOffset? Committed);

/// <summary>The transaction coordinator, as it is asked before the first offsets of a transaction are written under KIP-890, part 2.</summary>
internal interface ITransactionEnlistment
{
    /// <summary>Adds a partition to the producer's transaction, which begins with it if none is under way; durably.</summary>
    /// <returns>None, or the error for the producer.</returns>
    ValueTask<ErrorCode> EnlistAsync(string transactionalId, ProducerStamp producer, TopicPartition partition);
}
