using Carousel.Wire;

namespace Carousel.Broker.Transactions;

/// <summary>
/// The coordinator's errors as a client of each version understands them (Kafka's <c>KafkaApis</c>, <c>AddPartitionsToTxnManager</c> and
/// <c>ReplicaManager</c>): what is not translated passes.
/// </summary>
internal static class TransactionErrors
{
    private const short InitProducerIdKnowsFenced = 4;
    private const short EndTxnKnowsFenced = 2;
    private const short AddPartitionsKnowsFenced = 2;
    private const short ProduceKnowsAbortable = 11;
    private const short ProduceAddsPartitions = 12;
    private const short TxnOffsetCommitKnowsAbortable = 4;

    public static ErrorCode ForInitProducerId(ErrorCode error, short version) => Fenced(error, version >= InitProducerIdKnowsFenced);

    public static ErrorCode ForEndTxn(ErrorCode error, short version) => Fenced(error, version >= EndTxnKnowsFenced);

    /// <summary>AddPartitionsToTxn and AddOffsetsToTxn.</summary>
    public static ErrorCode ForAddPartitions(ErrorCode error, short version) => Fenced(error, version >= AddPartitionsKnowsFenced);

    /// <summary>
    /// For the answers of <see cref="TransactionCoordinator.Verify"/> and <see cref="TransactionCoordinator.AddImplicitlyAsync"/>. Producers know no
    /// PRODUCER_FENCED here, and those of the classic protocol repeat a write only for the errors of replication.
    /// </summary>
    public static ErrorCode ForProduce(ErrorCode error, short version) => error switch
    {
        ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
        ErrorCode.TransactionAbortable when version < ProduceKnowsAbortable => ErrorCode.InvalidTxnState,
        ErrorCode.ConcurrentTransactions when version >= ProduceAddsPartitions => ErrorCode.ConcurrentTransactions,
        ErrorCode.ConcurrentTransactions or ErrorCode.CoordinatorNotAvailable or ErrorCode.NotCoordinator => ErrorCode.NotEnoughReplicas,
        _ => error,
    };

    /// <inheritdoc cref="ForProduce"/>
    public static ErrorCode ForTxnOffsetCommit(ErrorCode error, short version) => error switch
    {
        ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
        ErrorCode.TransactionAbortable when version < TxnOffsetCommitKnowsAbortable => ErrorCode.InvalidTxnState,
        _ => error,
    };

    private static ErrorCode Fenced(ErrorCode error, bool isKnown) =>
        error == ErrorCode.ProducerFenced && !isKnown ? ErrorCode.InvalidProducerEpoch : error;
}
