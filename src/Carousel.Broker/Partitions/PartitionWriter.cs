using Carousel.Broker.Log;
using Carousel.Wire;
using Carousel.Wire.Records;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Partitions;

/// <summary>Gives batches their place in a partition and writes them. All of it needs the partition's lock.</summary>
internal sealed partial class PartitionWriter(TopicPartition name, PartitionLog log, LogContext context)
{
    /// <param name="appendTime">What was stamped on the batch; -1 where the producer's time stands.</param>
    /// <param name="verified">The verification that the coordinator has answered; null before it was asked.</param>
    /// <param name="asked">Not null: nothing was appended, and the coordinator is to be asked first.</param>
    public AppendResult Append(
        Span<byte> batch, AppendRequest request, long appendTime, TransactionVerification? verified, out TransactionVerification? asked)
    {
        var header = new RecordBatchHeader(batch);
        ProducerDecision decision = header.HasProducerId ? ProducerGate.Decide(log.Producers, header, request, verified) : default;
        asked = decision.Verification;
        return decision.Answer switch
        {
            ProducerAnswer.Append => Write(batch, request.Settings, appendTime),
            ProducerAnswer.Duplicate => DuplicateOf(decision.Duplicate, appendTime),
            _ => AppendResult.Refused(decision.Error, decision.Reason, IsCoordinatorsToRefuse(decision, header, request) ? -1 : log.StartOffset),
        };
    }

    /// <summary>In Kafka it's the transaction coordinator that meets a producer's old epoch first, and the log isn't asked.</summary>
    private static bool IsCoordinatorsToRefuse(ProducerDecision decision, RecordBatchHeader header, AppendRequest request) =>
        decision.Error == ErrorCode.InvalidProducerEpoch && header.IsTransactional && request.IsVerified;

    public AppendResult AppendMarker(Span<byte> batch, ControlRecord marker, short transactionVersion, LogSettings settings)
    {
        var header = new RecordBatchHeader(batch);
        ErrorCode error = SequenceRules.CheckMarker(log.Producers.Find(header.ProducerId), header.ProducerEpoch, marker.CoordinatorEpoch, transactionVersion);
        if (error == ErrorCode.None)
        {
            return Write(batch, settings, appendTime: -1);
        }

        string reason = $"a marker of producer {header.ProducerId} with epoch {header.ProducerEpoch} and coordinator epoch {marker.CoordinatorEpoch} is over";
        return AppendResult.Refused(error, reason, log.StartOffset);
    }

    private AppendResult Write(Span<byte> batch, LogSettings settings, long appendTime)
    {
        long baseOffset = log.EndOffset;
        RecordBatch.SetPlace(batch, baseOffset, Partition.LeaderEpoch);
        try
        {
            log.Append(batch, settings, context.Now);
        }
        catch (IOException e)
        {
            LogAppendFailed(context.Logger, name, batch.Length, baseOffset, e.Message);
            return AppendResult.Refused(ErrorCode.KafkaStorageError, e.Message);
        }

        return new(ErrorCode.None, null, baseOffset, log.EndOffset - 1, appendTime, log.StartOffset);
    }

    private AppendResult DuplicateOf(ProducerBatch first, long appendTime) =>
        new(ErrorCode.None, null, first.FirstOffset, first.LastOffset, appendTime < 0 ? -1 : first.Timestamp, log.StartOffset, IsDuplicate: true);

    [LoggerMessage(3101, LogLevel.Error, "Partition {Partition} couldn't take a batch of {Bytes} bytes at offset {Offset}: {Reason}")]
    private static partial void LogAppendFailed(ILogger logger, TopicPartition partition, int bytes, long offset, string reason);
}
