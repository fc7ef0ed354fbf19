using Carousel.Wire;

namespace Carousel.Broker.Transactions;

/// <summary>Ends transactions in partitions: appends the marker and, for the partitions of <c>__consumer_offsets</c>, tells the group coordinator.</summary>
internal interface ITransactionMarkers
{
    /// <summary>
    /// The marker is in the log, at its place before everything that is appended later, when this returns; the task completes when it is durable. A marker
    /// that is there already may be written again.
    /// </summary>
    /// <returns>
    /// None; UNKNOWN_TOPIC_OR_PARTITION or INVALID_PRODUCER_EPOCH where there is nothing to end; another error where it's worth trying again.
    /// </returns>
    ValueTask<ErrorCode> WriteAsync(TopicPartition partition, TransactionMarker marker);
}

/// <param name="CoordinatorEpoch">Of the coordinator that decided: see <see cref="OnlyCoordinatorEpoch"/>.</param>
/// <param name="Version">From <see cref="TransactionVersion.EpochBump"/> on, the epoch is above that of the records the marker ends.</param>
internal readonly record struct TransactionMarker(
    ProducerIdAndEpoch Producer, int CoordinatorEpoch, bool IsCommit, TransactionVersion Version)
{
    /// <summary>There is one coordinator, and there never is another. A marker with a higher epoch would fence it from the partition for good.</summary>
    public const int OnlyCoordinatorEpoch = 0;
}

/// <summary>The transactions that partitions know to be open, whatever the coordinator knows.</summary>
internal interface IOpenTransactions
{
    /// <summary>One for each producer and partition. Read when the broker starts, after the logs are recovered and before anybody appends.</summary>
    IEnumerable<OpenTransaction> List();
}

internal readonly record struct OpenTransaction(TopicPartition Partition, ProducerIdAndEpoch Producer);
