using Carousel.Wire;

namespace Carousel.Broker.Transactions;

/// <summary>
/// The rules of everything but the end of a transaction, as pure functions of the present state (Kafka's <c>TransactionCoordinator</c> and
/// <c>TransactionMetadata</c>; KIP-98, KIP-360). Epochs that differ are PRODUCER_FENCED here; handlers translate for old clients.
/// </summary>
internal static class TransactionTransitions
{
    /// <summary>
    /// Whether a producer that names itself may go on with this id: it is the present one, or the one before whose epochs ran out, or the id is new.
    /// The epoch is looked at later (KIP-360).
    /// </summary>
    public static bool IsKnown(TransactionMetadata current, ProducerIdAndEpoch? expected) =>
        expected is not { } producer
        || current.ProducerEpoch == TransactionMetadata.NoProducerEpoch
        || producer.ProducerId == current.ProducerId
        || (producer.ProducerId == current.PreviousProducerId && TransactionMetadata.IsExhausted(producer.ProducerEpoch));

    /// <summary>Whether InitProducerId must come with a new producer id, because the present one has no epochs left.</summary>
    public static bool InitializeNeedsProducerId(TransactionMetadata current, ProducerIdAndEpoch? expected) =>
        current.IsEpochExhausted && (expected is null || expected.Value.ProducerEpoch == current.ProducerEpoch);

    /// <summary>InitProducerId while no transaction is under way.</summary>
    /// <param name="expected">What the producer says it is, from version 3 on; null for one that starts.</param>
    /// <param name="newProducerId">Used where <see cref="InitializeNeedsProducerId"/> says so.</param>
    public static Transition Initialize(
        TransactionMetadata current, ProducerIdAndEpoch? expected, int timeoutMs, long newProducerId, long now)
    {
        if (current.IsEnding)
        {
            return Transition.Refuse(ErrorCode.ConcurrentTransactions);
        }

        if (!IsKnown(current, expected))
        {
            return Transition.Refuse(ErrorCode.ProducerFenced);
        }

        if (InitializeNeedsProducerId(current, expected))
        {
            short last = expected is null ? TransactionMetadata.NoProducerEpoch : current.ProducerEpoch;
            return Transition.To(AtRest(current, newProducerId, 0, last, timeoutMs, now));
        }

        if (expected is not { } producer)
        {
            return Transition.To(Raised(current, TransactionMetadata.NoProducerEpoch, timeoutMs, now));
        }

        if (current.ProducerEpoch == TransactionMetadata.NoProducerEpoch || producer.ProducerEpoch == current.ProducerEpoch)
        {
            return Transition.To(Raised(current, current.ProducerEpoch, timeoutMs, now));
        }

        // The reply to the request that raised the epoch was lost: the same reply again. Nobody else has the new epoch, or the last one would be unknown.
        return producer.ProducerEpoch == current.LastProducerEpoch
            ? Transition.To(AtRest(current, current.ProducerId, current.ProducerEpoch, current.LastProducerEpoch, timeoutMs, now))
            : Transition.Refuse(ErrorCode.ProducerFenced);
    }

    /// <summary>AddPartitionsToTxn, AddOffsetsToTxn, and writing to a partition for the first time in a transaction (KIP-890).</summary>
    public static Transition AddPartitions(
        TransactionMetadata current, ProducerIdAndEpoch producer, IReadOnlyCollection<TopicPartition> added, TransactionVersion version, long now)
    {
        if (current.ProducerId != producer.ProducerId)
        {
            return Transition.Refuse(ErrorCode.InvalidProducerIdMapping);
        }

        if (current.ProducerEpoch != producer.ProducerEpoch)
        {
            return Transition.Refuse(ErrorCode.ProducerFenced);
        }

        if (current.IsEnding)
        {
            return Transition.Refuse(ErrorCode.ConcurrentTransactions);
        }

        if (current.State == TransactionState.Ongoing && current.Partitions.IsSupersetOf(added))
        {
            return Transition.Nothing;
        }

        return Transition.To(current with
        {
            PreviousProducerId = current.ProducerId,
            State = TransactionState.Ongoing,
            Partitions = current.Partitions.Union(added),
            StartTimestamp = current.State == TransactionState.Ongoing ? current.StartTimestamp : now,
            LastUpdateTimestamp = now,
            ClientVersion = version,
        });
    }

    /// <summary>
    /// Aborts an ongoing transaction without its producer, who is fenced by it. The epoch is raised once, as Kafka 4.2 does: a producer of the new protocol
    /// that then aborts or recovers by itself is told that this is done already, and goes on, unless another producer has come.
    /// </summary>
    public static TransactionMetadata Fence(TransactionMetadata current, long now) => current with
    {
        ProducerEpoch = (short)Math.Min(current.ProducerEpoch + 1, short.MaxValue),
        PreviousProducerId = current.ProducerId,
        LastProducerEpoch = current.ProducerEpoch,
        State = TransactionState.PrepareAbort,
        LastUpdateTimestamp = now,
        ClientVersion = TransactionVersion.EpochBump,
    };

    /// <summary>Every partition has its marker. A producer id whose epochs ran out gives way to the next one.</summary>
    public static TransactionMetadata Complete(TransactionMetadata current, long now)
    {
        bool rotates = current.NextProducerId != TransactionMetadata.NoProducerId;
        return current with
        {
            ProducerId = rotates ? current.NextProducerId : current.ProducerId,
            ProducerEpoch = rotates ? (short)0 : current.ProducerEpoch,
            PreviousProducerId = current.ProducerId,
            NextProducerId = TransactionMetadata.NoProducerId,
            State = current.State == TransactionState.PrepareCommit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort,
            Partitions = [],
            LastUpdateTimestamp = now,
        };
    }

    private static TransactionMetadata Raised(TransactionMetadata current, short lastProducerEpoch, int timeoutMs, long now) =>
        AtRest(current, current.ProducerId, checked((short)(current.ProducerEpoch + 1)), lastProducerEpoch, timeoutMs, now);

    private static TransactionMetadata AtRest(
        TransactionMetadata current, long producerId, short producerEpoch, short lastProducerEpoch, int timeoutMs, long now) => current with
        {
            ProducerId = producerId,
            ProducerEpoch = producerEpoch,
            PreviousProducerId = current.ProducerId,
            LastProducerEpoch = lastProducerEpoch,
            TimeoutMs = timeoutMs,
            State = TransactionState.Empty,
            Partitions = [],
            StartTimestamp = -1,
            LastUpdateTimestamp = now,
        };
}
