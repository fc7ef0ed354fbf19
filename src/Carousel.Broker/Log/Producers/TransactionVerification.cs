using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// A question to the transaction coordinator that is under way or was answered, for the first batch of a producer's transaction. A marker takes it away, so
/// that an answer of before the marker opens no transaction after it. Changed under the partition's lock only (Kafka's <c>VerificationStateEntry</c>).
/// </summary>
internal sealed class TransactionVerification(RecordBatchHeader header)
{
    private short _epoch = header.ProducerEpoch;

    /// <summary>The earliest batch asked about: a later one isn't taken before it, whatever the answers' order.</summary>
    public int LowestSequence { get; private set; } = header.BaseSequence;

    public void Include(RecordBatchHeader header)
    {
        bool isNewer = header.ProducerEpoch > _epoch;
        LowestSequence = isNewer ? header.BaseSequence : Math.Min(LowestSequence, header.BaseSequence);
        _epoch = Math.Max(_epoch, header.ProducerEpoch);
    }
}
