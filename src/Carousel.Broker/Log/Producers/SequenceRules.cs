using Carousel.Wire;
using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>Whether a producer's batch is next in line (Kafka's <c>ProducerAppendInfo</c>). Duplicates were recognised before.</summary>
internal static class SequenceRules
{
    /// <summary>Whether the producer was overtaken by one of a later epoch.</summary>
    public static bool IsFenced(ProducerState? state, RecordBatchHeader header) => state is not null && header.ProducerEpoch < state.Epoch;

    /// <param name="state">What is known of the producer; null for nothing: it expired, its records were deleted, or it is new.</param>
    /// <param name="verification">Where its transaction began being verified: batches sent later than the first one wait for it.</param>
    /// <param name="mustStartAtZero">A producer of which nothing is known must begin with 0 (KIP-890, part 2).</param>
    /// <returns>Null if the batch is next; otherwise why it's out of order.</returns>
    public static string? ProblemOf(ProducerState? state, RecordBatchHeader header, TransactionVerification? verification, bool mustStartAtZero)
    {
        int sequence = header.BaseSequence;
        if (mustStartAtZero && sequence != 0 && (state is null || state.Batches.Count == 0))
        {
            return $"producer {header.ProducerId} begins with sequence {sequence}, and nothing is known of it: 0 is due";
        }

        if (verification is not null && sequence > verification.LowestSequence)
        {
            return $"producer {header.ProducerId} sends sequence {sequence}, and {verification.LowestSequence} was tried before and is due";
        }

        if (state is null || state.Epoch < 0)
        {
            return null;
        }

        if (state.Epoch != header.ProducerEpoch)
        {
            return sequence == 0 ? null : $"producer {header.ProducerId} begins epoch {header.ProducerEpoch} with sequence {sequence}: 0 is due";
        }

        int due = (int)((state.LastSequence + 1L) & int.MaxValue);
        return sequence == due ? null : $"producer {header.ProducerId} sends sequence {sequence}: {due} is due";
    }

    /// <summary>Whether a marker comes from a coordinator that knows the present producer.</summary>
    /// <param name="transactionVersion">From 2 on, each transaction ends with an epoch of its own, above its records' (KIP-890, part 2).</param>
    public static ErrorCode CheckMarker(ProducerState? state, short epoch, int coordinatorEpoch, short transactionVersion)
    {
        if (state is null)
        {
            return ErrorCode.None;
        }

        if (coordinatorEpoch < state.CoordinatorEpoch)
        {
            return ErrorCode.TransactionCoordinatorFenced;
        }

        // A marker that comes again after the transaction has ended does no harm (KAFKA-19999).
        bool isTooOld = epoch < state.Epoch || (transactionVersion >= 2 && epoch == state.Epoch && state.HasOpenTransaction);
        return isTooOld ? ErrorCode.InvalidProducerEpoch : ErrorCode.None;
    }
}
