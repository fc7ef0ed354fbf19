using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>What a producer is told of the transaction coordinator's errors (Kafka's AddPartitionsToTxnManager and ReplicaManager).</summary>
internal static class ProduceErrors
{
    /// <summary>From here on clients know that a transaction has to be aborted, whatever the error (KIP-890, part 1).</summary>
    private const short AbortableFrom = 11;

    /// <summary>What the verification of a transaction answers, for clients that added the partition by a request of its own.</summary>
    public static ErrorCode ForClient(ErrorCode error, short version) => error switch
    {
        ErrorCode.TransactionAbortable when version < AbortableFrom => ErrorCode.InvalidTxnState,
        ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
        // Not every client retries a produce request on these; all do on the replacement.
        ErrorCode.ConcurrentTransactions or ErrorCode.CoordinatorLoadInProgress or ErrorCode.CoordinatorNotAvailable or ErrorCode.NotCoordinator =>
            ErrorCode.NotEnoughReplicas,
        _ => error,
    };

    /// <summary>What adding a partition by writing to it answers: such clients know that the previous transaction may still be ending.</summary>
    public static ErrorCode ForImplicitAdd(ErrorCode error) =>
        error == ErrorCode.ConcurrentTransactions ? error : ForClient(error, short.MaxValue);
}
