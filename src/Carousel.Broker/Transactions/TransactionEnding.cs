using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Transactions;

/// <summary>
/// Ends transactions, always inside the gate of the id. The order is what makes an end all or nothing: the decision is durable before the first marker is
/// written, every marker is durable before the record that says so is written, and that record is durable before the next transaction begins, since a
/// decision found at start is carried out in the partitions whatever is open there. See docs/decisions/0010-when-a-transaction-must-be-on-disk.md.
/// </summary>
internal sealed partial class TransactionEnding(
    TransactionStateLog log, TransactionalIds ids, ITransactionMarkers markers, TimeProvider time, ILogger<TransactionEnding> logger)
{
    /// <summary>Decides, tells the partitions, and returns when all of it is durable.</summary>
    /// <returns>None; CONCURRENT_TRANSACTIONS if it is decided, and carrying it out goes on in the background; else nothing was decided.</returns>
    public async ValueTask<ErrorCode> EndAsync(TransactionalId id, TransactionMetadata decision)
    {
        ErrorCode error = await log.AppendDurablyAsync(id, decision);
        if (error != ErrorCode.None)
        {
            return error;
        }

        ids.Publish(id, decision);
        return await FinishAsync(id, decision);
    }

    /// <summary>Carries out a decision, for the first time or again.</summary>
    /// <inheritdoc cref="EndAsync"/>
    public async ValueTask<ErrorCode> FinishAsync(TransactionalId id, TransactionMetadata decision)
    {
        if (!await WriteMarkersAsync(id, decision))
        {
            return ErrorCode.ConcurrentTransactions;
        }

        TransactionMetadata complete = TransactionTransitions.Complete(decision, time.GetUtcNow().ToUnixTimeMilliseconds());
        ErrorCode error = log.Append(id, complete, out long offset);
        if (error != ErrorCode.None)
        {
            LogNotCompleted(id.Name, decision.Producer, error);
            return ErrorCode.ConcurrentTransactions;
        }

        id.UnconfirmedEndOffset = offset;
        ids.Publish(id, complete);
        return ErrorCode.None;
    }

    /// <summary>Ends a transaction in a partition that no transactional id knows.</summary>
    public async ValueTask<bool> AbortAsync(TopicPartition partition, ProducerIdAndEpoch producer)
    {
        var marker = new TransactionMarker(producer, TransactionMarker.OnlyCoordinatorEpoch, IsCommit: false, TransactionVersion.Classic);
        return IsEnded(partition, marker, await markers.WriteAsync(partition, marker));
    }

    /// <summary>All partitions at once, so that one flush serves them.</summary>
    private async ValueTask<bool> WriteMarkersAsync(TransactionalId id, TransactionMetadata decision)
    {
        var marker = new TransactionMarker(
            decision.Producer, TransactionMarker.OnlyCoordinatorEpoch, decision.State == TransactionState.PrepareCommit, decision.ClientVersion);
        (TopicPartition Partition, Task<ErrorCode> Written)[] pending =
            [.. decision.Partitions.Select(partition => (partition, markers.WriteAsync(partition, marker).AsTask()))];
        bool areEnded = true;
        foreach ((TopicPartition partition, Task<ErrorCode> written) in pending)
        {
            areEnded &= IsEnded(partition, marker, await written);
        }

        if (!areEnded)
        {
            LogNotEnded(id.Name, marker.Producer);
        }

        return areEnded;
    }

    private bool IsEnded(TopicPartition partition, TransactionMarker marker, ErrorCode error)
    {
        switch (error)
        {
            case ErrorCode.None:
                return true;
            case ErrorCode.UnknownTopicOrPartition:
                LogPartitionGone(partition, marker.Producer);
                return true;
            case ErrorCode.InvalidProducerEpoch:
                LogPartitionAhead(partition, marker.Producer);
                return true;
            default:
                LogMarkerFailed(partition, marker.Producer, error);
                return false;
        }
    }
}
