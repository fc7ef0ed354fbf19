using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>What a partition knows of one producer (Kafka's <c>ProducerStateEntry</c>). Changed under the partition's lock only.</summary>
internal sealed class ProducerState(long producerId)
{
    private ProducerBatches _batches;

    public long ProducerId { get; } = producerId;

    public short Epoch { get; private set; } = -1;

    public int CoordinatorEpoch { get; private set; } = -1;

    /// <summary>Of its last batch or marker, in the producer's time; -1 where unknown.</summary>
    public long LastTimestamp { get; private set; } = -1;

    /// <summary>When this broker last saw it, in milliseconds: what expiry goes by, because a producer's own time may be anything.</summary>
    public long LastSeen { get; set; }

    /// <summary>First offset of its open transaction; -1 without one.</summary>
    public long TransactionFirstOffset { get; private set; } = -1;

    public bool HasOpenTransaction => TransactionFirstOffset >= 0;

    public ProducerBatches Batches => _batches;

    /// <summary>-1 where it wrote no sequence under this epoch.</summary>
    public int LastSequence => _batches.Count == 0 ? -1 : _batches.Last.LastSequence;

    public long LastDataOffset => _batches.Count == 0 ? -1 : _batches.Last.LastOffset;

    /// <summary>A batch that was sent again, with the sequences of one that is remembered.</summary>
    public bool TryFindDuplicate(RecordBatchHeader header, out ProducerBatch batch)
    {
        batch = default;
        return header.ProducerEpoch == Epoch && header.BaseSequence >= 0 && _batches.TryFind(header.BaseSequence, header.LastSequence, out batch);
    }

    /// <summary>Takes in a batch that was appended. Returns true if it began a transaction.</summary>
    public bool Add(RecordBatchHeader header)
    {
        UseEpoch(header.ProducerEpoch);
        _batches.Add(new(header.LastSequence, header.LastOffset, header.LastOffsetDelta, header.MaxTimestamp));
        LastTimestamp = header.MaxTimestamp;
        bool isBegun = header.IsTransactional && !HasOpenTransaction;
        if (isBegun)
        {
            TransactionFirstOffset = header.BaseOffset;
        }

        return isBegun;
    }

    /// <summary>Takes in a marker. Returns the first offset of the transaction it ended, or -1.</summary>
    public long End(short epoch, int coordinatorEpoch, long timestamp)
    {
        UseEpoch(epoch);
        CoordinatorEpoch = coordinatorEpoch;
        LastTimestamp = timestamp;
        long ended = TransactionFirstOffset;
        TransactionFirstOffset = -1;
        return ended;
    }

    /// <summary>Takes the state from a snapshot.</summary>
    public void Restore(short epoch, int coordinatorEpoch, long lastTimestamp, long transactionFirstOffset, ReadOnlySpan<ProducerBatch> batches)
    {
        (Epoch, CoordinatorEpoch, LastTimestamp, TransactionFirstOffset) = (epoch, coordinatorEpoch, lastTimestamp, transactionFirstOffset);
        foreach (ProducerBatch batch in batches)
        {
            _batches.Add(batch);
        }
    }

    private void UseEpoch(short epoch)
    {
        if (Epoch != epoch)
        {
            _batches.Clear();
            Epoch = epoch;
        }
    }
}
