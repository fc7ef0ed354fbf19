using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// Follows transactions through a walk over batches: which records were aborted, and whether a marker still has records that it concerns
/// (Kafka's <c>CleanedTransactionMetadata</c>).
/// </summary>
/// <param name="aborted">The aborted transactions of the range.</param>
internal sealed class TransactionFilter(IEnumerable<AbortedTransaction> aborted)
{
    private readonly Queue<AbortedTransaction> _upcoming = new(aborted.OrderBy(transaction => transaction.FirstOffset));
    private readonly Dictionary<long, (AbortedTransaction Transaction, bool HasRecords)> _aborted = [];
    private readonly HashSet<long> _committed = [];

    /// <summary>Takes in a batch of records. True if it was aborted.</summary>
    public bool IsAborted(RecordBatchHeader header)
    {
        Begin(header.LastOffset);
        if (!header.IsTransactional)
        {
            return false;
        }

        if (_aborted.TryGetValue(header.ProducerId, out (AbortedTransaction Transaction, bool) open))
        {
            _aborted[header.ProducerId] = (open.Transaction, true);
            return true;
        }

        _committed.Add(header.ProducerId);
        return false;
    }

    /// <summary>Takes in a control batch. True if no record of its transaction was seen, so that it may go.</summary>
    /// <param name="kept">The aborted transaction that it ends, and of which there still are records.</param>
    public bool IsIdle(ReadOnlySpan<byte> controlBatch, out AbortedTransaction? kept)
    {
        var header = new RecordBatchHeader(controlBatch);
        Begin(header.LastOffset);
        kept = null;
        if (!ControlRecord.TryRead(controlBatch, out ControlRecord marker))
        {
            return true;
        }

        if (marker.IsCommit)
        {
            return !_committed.Remove(header.ProducerId);
        }

        if (_aborted.Remove(header.ProducerId, out (AbortedTransaction Transaction, bool HasRecords) ended) && ended.HasRecords)
        {
            kept = ended.Transaction;
        }

        return kept is null;
    }

    private void Begin(long offset)
    {
        while (_upcoming.TryPeek(out AbortedTransaction next) && next.FirstOffset <= offset)
        {
            _upcoming.Dequeue();
            _aborted.TryAdd(next.ProducerId, (next, false));
        }
    }
}
