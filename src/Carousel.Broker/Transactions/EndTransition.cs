using Carousel.Wire;

namespace Carousel.Broker.Transactions;

/// <summary>The rules of EndTxn: whether it ends a transaction, repeats what was done, or comes from a producer that has no say any more.</summary>
internal static class EndTransition
{
    /// <summary>Whether the end must come with a new producer id for the next transaction, because the present one has no epochs left.</summary>
    public static bool NeedsProducerId(TransactionMetadata current, TransactionVersion version) =>
        version == TransactionVersion.EpochBump && current.IsEpochExhausted;

    /// <param name="nextProducerId">Used where <see cref="NeedsProducerId"/> says so.</param>
    public static Transition Of(
        TransactionMetadata current, ProducerIdAndEpoch producer, bool isCommit, TransactionVersion version, long nextProducerId, long now) =>
        version == TransactionVersion.EpochBump
            ? WithEpochBump(current, producer, isCommit, nextProducerId, now)
            : Classic(current, producer, isCommit, now);

    /// <summary>
    /// Versions 0 to 4. The epoch stays, so a repetition can't be told from the request itself. An abort of nothing is granted, where Kafka answers
    /// INVALID_TXN_STATE: librdkafka sends one when the first request of its transaction never arrived, and dies of that answer.
    /// </summary>
    private static Transition Classic(TransactionMetadata current, ProducerIdAndEpoch producer, bool isCommit, long now)
    {
        if (current.ProducerId != producer.ProducerId)
        {
            return Transition.Refuse(ErrorCode.InvalidProducerIdMapping);
        }

        if (current.ProducerEpoch != producer.ProducerEpoch)
        {
            return Transition.Refuse(ErrorCode.ProducerFenced);
        }

        return current.State switch
        {
            TransactionState.Ongoing => Transition.To(current with
            {
                PreviousProducerId = current.ProducerId,
                NextProducerId = TransactionMetadata.NoProducerId,
                State = isCommit ? TransactionState.PrepareCommit : TransactionState.PrepareAbort,
                LastUpdateTimestamp = now,
                ClientVersion = TransactionVersion.Classic,
            }),
            TransactionState.Empty => isCommit ? Transition.Refuse(ErrorCode.InvalidTxnState) : Transition.Nothing,
            _ => Repeated(current.State, isCommit),
        };
    }

    /// <summary>
    /// Version 5 (KIP-890). A repetition comes with the epoch before the present one; an abort at the present epoch, of a transaction that never wrote
    /// anything, raises the epoch too, so that its late requests are refused.
    /// <code>
    ///                | abort: repeated  present epoch | commit: repeated  present epoch
    /// Empty          |        fenced    raised        |         fenced    INVALID_TXN_STATE
    /// CompleteAbort  |        done      raised        |         INVALID   INVALID_TXN_STATE
    /// CompleteCommit |        INVALID   raised        |         done      INVALID_TXN_STATE
    /// </code>
    /// </summary>
    private static Transition WithEpochBump(TransactionMetadata current, ProducerIdAndEpoch producer, bool isCommit, long nextProducerId, long now)
    {
        bool isPresent = producer == current.Producer;
        bool isRepeatedAcrossIds = current.State is TransactionState.CompleteCommit or TransactionState.CompleteAbort
            && producer == new ProducerIdAndEpoch(current.PreviousProducerId, short.MaxValue - 1)
            && current.ProducerEpoch == 0;
        bool isRepeated = isRepeatedAcrossIds
            || (producer.ProducerId == current.ProducerId && producer.ProducerEpoch + 1 == current.ProducerEpoch
                && current.State is not (TransactionState.Empty or TransactionState.Ongoing));
        if (current.ProducerId != producer.ProducerId && !isRepeatedAcrossIds)
        {
            return Transition.Refuse(ErrorCode.InvalidProducerIdMapping);
        }

        if (!isRepeated && (!isPresent || current.IsEnding))
        {
            return Transition.Refuse(ErrorCode.ProducerFenced);
        }

        if (isRepeated)
        {
            return Repeated(current.State, isCommit);
        }

        return current.State == TransactionState.Ongoing || !isCommit
            ? Transition.To(Raised(current, isCommit, nextProducerId, now))
            : Transition.Refuse(ErrorCode.InvalidTxnState);
    }

    private static TransactionMetadata Raised(TransactionMetadata current, bool isCommit, long nextProducerId, long now) => current with
    {
        ProducerEpoch = (short)Math.Min(current.ProducerEpoch + 1, short.MaxValue),
        PreviousProducerId = current.ProducerId,
        NextProducerId = NeedsProducerId(current, TransactionVersion.EpochBump) ? nextProducerId : TransactionMetadata.NoProducerId,
        LastProducerEpoch = current.ProducerEpoch,
        State = isCommit ? TransactionState.PrepareCommit : TransactionState.PrepareAbort,
        StartTimestamp = current.State == TransactionState.Ongoing ? current.StartTimestamp : now,
        LastUpdateTimestamp = now,
        ClientVersion = TransactionVersion.EpochBump,
    };

    private static Transition Repeated(TransactionState state, bool isCommit) => (state, isCommit) switch
    {
        (TransactionState.CompleteCommit, true) or (TransactionState.CompleteAbort, false) => Transition.Nothing,
        (TransactionState.PrepareCommit, true) or (TransactionState.PrepareAbort, false) => Transition.Refuse(ErrorCode.ConcurrentTransactions),
        _ => Transition.Refuse(ErrorCode.InvalidTxnState),
    };
}
