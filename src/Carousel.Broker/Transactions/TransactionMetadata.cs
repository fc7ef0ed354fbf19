using System.Collections.Immutable;

namespace Carousel.Broker.Transactions;

/// <summary>
/// All there is to know of a transactional id at one moment; every change makes a new one (Kafka's <c>TransactionMetadata</c>). What <c>__transaction_state</c>
/// holds of it is drawn in docs/formats/transaction-state.md.
/// </summary>
/// <param name="PreviousProducerId">The producer id before the last change: it tells a producer whose epochs ran out from a stranger.</param>
/// <param name="NextProducerId">The producer id from the end of this transaction on, if that uses up the epochs of the present one; else -1.</param>
/// <param name="LastProducerEpoch">
/// The epoch before the last one, if the same producer raised it: a repetition of that request is recognised by it. Not on disk, as in Kafka.
/// </param>
/// <param name="StartTimestamp">When the first partition was added, in milliseconds; -1 if none was.</param>
/// <param name="ClientVersion">How the client that began or ended the transaction speaks.</param>
internal sealed record TransactionMetadata(
    long ProducerId,
    short ProducerEpoch,
    long PreviousProducerId,
    long NextProducerId,
    short LastProducerEpoch,
    int TimeoutMs,
    TransactionState State,
    ImmutableHashSet<TopicPartition> Partitions,
    long StartTimestamp,
    long LastUpdateTimestamp,
    TransactionVersion ClientVersion)
{
    public const long NoProducerId = -1;
    public const short NoProducerEpoch = -1;

    public ProducerIdAndEpoch Producer => new(ProducerId, ProducerEpoch);

    /// <summary>The highest epoch is kept for fencing: no client ever gets it.</summary>
    public bool IsEpochExhausted => IsExhausted(ProducerEpoch);

    /// <summary>The decision is on disk, and the markers may not be.</summary>
    public bool IsEnding => State is TransactionState.PrepareCommit or TransactionState.PrepareAbort;

    public bool IsAtRest => State is TransactionState.Empty or TransactionState.CompleteCommit or TransactionState.CompleteAbort;

    public static bool IsExhausted(short epoch) => epoch >= short.MaxValue - 1;

    /// <summary>A transactional id that nobody used before; its first InitProducerId raises the epoch to 0.</summary>
    public static TransactionMetadata New(long producerId, int timeoutMs, long now) => new(
        producerId,
        NoProducerEpoch,
        NoProducerId,
        NoProducerId,
        NoProducerEpoch,
        timeoutMs,
        TransactionState.Empty,
        [],
        StartTimestamp: -1,
        now,
        TransactionVersion.Classic);

    /// <summary>Whether it is ongoing for longer than its producer allowed.</summary>
    public bool HasTimedOut(long now) => State == TransactionState.Ongoing && StartTimestamp + TimeoutMs < now;
}
