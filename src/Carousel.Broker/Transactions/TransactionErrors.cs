using Carousel.Wire;

namespace Carousel.Broker.Transactions;

/// <summary>
/// The coordinator's errors as a client of each version understands them (Kafka's <c>KafkaApis</c>): before PRODUCER_FENCED there was
/// INVALID_PRODUCER_EPOCH. What is not translated passes.
/// </summary>
internal static class TransactionErrors
{
    private const short InitProducerIdKnowsFenced = 4;
    private const short EndTxnKnowsFenced = 2;
    private const short AddPartitionsKnowsFenced = 2;
    private const short TxnOffsetCommitKnowsAbortable = 4;

    public static ErrorCode ForInitProducerId(ErrorCode error, short version) => Fenced(error, version >= InitProducerIdKnowsFenced);

    public static ErrorCode ForEndTxn(ErrorCode error, short version) => Fenced(error, version >= EndTxnKnowsFenced);

    /// <summary>AddPartitionsToTxn and AddOffsetsToTxn.</summary>
    public static ErrorCode ForAddPartitions(ErrorCode error, short version) => Fenced(error, version >= AddPartitionsKnowsFenced);

    /// <summary>Whoever commits offsets knows no PRODUCER_FENCED in any version.</summary>
    public static ErrorCode ForTxnOffsetCommit(ErrorCode error, short version) => error switch
    {
        ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
        ErrorCode.TransactionAbortable when version < TxnOffsetCommitKnowsAbortable => ErrorCode.InvalidTxnState,
        _ => error,
    };

    private static ErrorCode Fenced(ErrorCode error, bool isKnown) =>
        error == ErrorCode.ProducerFenced && !isKnown ? ErrorCode.InvalidProducerEpoch : error;
}
