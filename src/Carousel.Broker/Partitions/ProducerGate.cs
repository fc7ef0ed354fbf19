using Carousel.Broker.Log;
using Carousel.Wire;
using Carousel.Wire.Records;

namespace Carousel.Broker.Partitions;

/// <summary>What a producer's batch may do here, in the order of Kafka's checks: a known duplicate, an old epoch, an unverified transaction, the sequence.</summary>
internal enum ProducerAnswer
{
    Append,
    Duplicate,
    VerifyFirst,
    Refuse,
}

/// <summary>The answer to one batch.</summary>
/// <param name="Duplicate">The batch that was appended the first time.</param>
/// <param name="Verification">What to hand in again once the coordinator has answered.</param>
internal readonly record struct ProducerDecision(
    ProducerAnswer Answer, ErrorCode Error = ErrorCode.None, string? Reason = null, ProducerBatch Duplicate = default, TransactionVerification? Verification = null);

/// <summary>Decides about batches with a producer id, by the states of the partition's producers. Needs the partition's lock.</summary>
internal static class ProducerGate
{
    /// <param name="verified">The verification that the coordinator has answered; null before it was asked.</param>
    public static ProducerDecision Decide(ProducerStates producers, RecordBatchHeader header, AppendRequest request, TransactionVerification? verified)
    {
        ProducerState? state = producers.Find(header.ProducerId);
        bool isClient = request.Origin == AppendOrigin.Client;
        if (isClient && state is not null && state.TryFindDuplicate(header, out ProducerBatch duplicate))
        {
            return new(ProducerAnswer.Duplicate, Duplicate: duplicate);
        }

        if (SequenceRules.IsFenced(state, header))
        {
            return Refuse(ErrorCode.InvalidProducerEpoch, $"producer {header.ProducerId} has epoch {state!.Epoch}, and {header.ProducerEpoch} is over");
        }

        // Another epoch is another transaction: the one that is open says nothing of it.
        bool isOpen = state is { HasOpenTransaction: true } && state.Epoch == header.ProducerEpoch;
        bool isVerificationDue = request.IsVerified && header.IsTransactional && !isOpen;
        if (isVerificationDue && verified is null)
        {
            return new(ProducerAnswer.VerifyFirst, Verification: producers.BeginVerification(header));
        }

        TransactionVerification? held = producers.FindVerification(header.ProducerId);
        if (isVerificationDue && held != verified)
        {
            return Refuse(ErrorCode.InvalidTxnState, $"the transaction of producer {header.ProducerId} ended meanwhile");
        }

        if (isClient && SequenceRules.ProblemOf(state, header, held, request.MustStartAtZero) is { } problem)
        {
            return Refuse(ErrorCode.OutOfOrderSequenceNumber, problem);
        }

        return !header.IsTransactional && state is { HasOpenTransaction: true }
            ? Refuse(ErrorCode.InvalidTxnState, $"producer {header.ProducerId} has a transaction open, and this batch isn't in one")
            : new(ProducerAnswer.Append);
    }

    private static ProducerDecision Refuse(ErrorCode error, string reason) => new(ProducerAnswer.Refuse, error, reason);
}

/// <summary>How a batch is to be checked.</summary>
/// <param name="IsVerified">The coordinator is asked for a transaction's first batch.</param>
/// <param name="MustStartAtZero">A producer without state begins with sequence 0.</param>
internal readonly record struct AppendRequest(AppendOrigin Origin, bool IsVerified, bool MustStartAtZero, LogSettings Settings);
