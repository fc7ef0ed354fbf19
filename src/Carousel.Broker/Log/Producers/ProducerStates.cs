using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// The producers of a partition and their transactions (Kafka's <c>ProducerStateManager</c>). Used under the partition's lock only. Invariant: it is what
/// reading all batches below <see cref="NextOffset"/> gives, but for producers that expired.
/// </summary>
internal sealed class ProducerStates
{
    private readonly Dictionary<long, ProducerState> _producers = [];
    private readonly Dictionary<long, TransactionVerification> _verifications = [];

    /// <summary>First offset → producer of the transactions that are open.</summary>
    private readonly SortedDictionary<long, long> _open = [];

    /// <summary>Transactions whose marker may not be durable yet, in the order of the markers.</summary>
    private readonly Queue<(long FirstOffset, long MarkerOffset)> _ended = new();

    /// <summary>The offset up to which batches were taken in.</summary>
    public long NextOffset { get; set; }

    public IReadOnlyCollection<ProducerState> All => _producers.Values;

    public ProducerState? Find(long producerId) => _producers.GetValueOrDefault(producerId);

    public TransactionVerification? FindVerification(long producerId) => _verifications.GetValueOrDefault(producerId);

    /// <summary>Begins, or goes on, asking for the first batch of a transaction.</summary>
    public TransactionVerification BeginVerification(RecordBatchHeader header)
    {
        if (_verifications.TryGetValue(header.ProducerId, out TransactionVerification? verification))
        {
            verification.Include(header);
            return verification;
        }

        return _verifications[header.ProducerId] = new(header);
    }

    /// <summary>Takes in a batch that was appended, whoever wrote it.</summary>
    /// <param name="batch">Whole: a marker's records are read.</param>
    /// <param name="now">The broker's time in milliseconds.</param>
    /// <returns>The transaction that it aborted.</returns>
    public AbortedTransaction? Add(ReadOnlySpan<byte> batch, long now)
    {
        var header = new RecordBatchHeader(batch);
        NextOffset = header.NextOffset;
        if (!header.HasProducerId)
        {
            return null;
        }

        if (header.IsControl)
        {
            return ControlRecord.TryRead(batch, out ControlRecord marker) ? End(header, marker, now) : null;
        }

        ProducerState state = GetOrAdd(header.ProducerId, now);
        if (header.IsTransactional)
        {
            _verifications.Remove(header.ProducerId);
        }

        if (state.Add(header))
        {
            _open[header.BaseOffset] = header.ProducerId;
        }

        return null;
    }

    /// <summary>The first offset that isn't decided for readers while the high watermark is this; <see cref="long.MaxValue"/> if all are.</summary>
    public long FirstUndecidedOffset(long highWatermark)
    {
        while (_ended.TryPeek(out (long FirstOffset, long MarkerOffset) oldest) && oldest.MarkerOffset < highWatermark)
        {
            _ended.Dequeue();
        }

        long first = FirstOpenOffset();
        foreach ((long firstOffset, _) in _ended)
        {
            first = Math.Min(first, firstOffset);
        }

        return first;
    }

    /// <summary>Forgets producers that were idle for so long and have no transaction open.</summary>
    public void RemoveExpired(long now, TimeSpan expiry)
    {
        foreach (ProducerState state in _producers.Values)
        {
            if (!state.HasOpenTransaction && now - state.LastSeen >= expiry.TotalMilliseconds)
            {
                _producers.Remove(state.ProducerId);
                _verifications.Remove(state.ProducerId);
            }
        }
    }

    /// <summary>Takes a producer's state from a snapshot.</summary>
    public void Restore(ProducerState state, long now)
    {
        state.LastSeen = now;
        _producers[state.ProducerId] = state;
        if (state.HasOpenTransaction)
        {
            _open[state.TransactionFirstOffset] = state.ProducerId;
        }
    }

    private AbortedTransaction? End(RecordBatchHeader header, ControlRecord marker, long now)
    {
        _verifications.Remove(header.ProducerId);
        long firstOffset = GetOrAdd(header.ProducerId, now).End(header.ProducerEpoch, marker.CoordinatorEpoch, header.MaxTimestamp);
        if (firstOffset < 0)
        {
            return null;
        }

        _open.Remove(firstOffset);
        _ended.Enqueue((firstOffset, header.BaseOffset));
        long lastStableOffset = Math.Min(FirstOpenOffset(), header.NextOffset);
        return marker.IsCommit ? null : new AbortedTransaction(header.ProducerId, firstOffset, header.BaseOffset, lastStableOffset);
    }

    private long FirstOpenOffset()
    {
        foreach ((long firstOffset, _) in _open)
        {
            return firstOffset;
        }

        return long.MaxValue;
    }

    private ProducerState GetOrAdd(long producerId, long now)
    {
        if (!_producers.TryGetValue(producerId, out ProducerState? state))
        {
            state = new ProducerState(producerId);
            _producers[producerId] = state;
        }

        state.LastSeen = now;
        return state;
    }
}
