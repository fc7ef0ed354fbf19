namespace Carousel.Broker.Groups;

/// <summary>An offset that a group has committed.</summary>
/// <param name="TopicId">The topic it was committed for; default where the client gave a name only.</param>
/// <param name="LeaderEpoch">-1 where unknown.</param>
/// <param name="CommitTimestamp">Milliseconds since 1970, as the following.</param>
/// <param name="ExpireTimestamp">Set by clients of versions 2 to 4, which say how long to keep it; null otherwise.</param>
internal sealed record CommittedOffset(
    Guid TopicId, long Offset, int LeaderEpoch, string Metadata, long CommitTimestamp, long? ExpireTimestamp = null)
{
    /// <summary>Where in the log it stands: of two commits, the one that stands later counts.</summary>
    public long RecordOffset { get; init; } = -1;
}

/// <summary>
/// What a group has committed, and what it would have if the transactions that are open now were committed. The group's lock guards it, and it changes in
/// the order of the log.
/// </summary>
internal sealed class GroupOffsets
{
    private readonly Dictionary<TopicPartition, CommittedOffset> _committed = [];
    private readonly Dictionary<long, Dictionary<TopicPartition, CommittedOffset>> _pendingByProducer = [];

    public IReadOnlyDictionary<TopicPartition, CommittedOffset> Committed => _committed;

    public bool HasOpenTransactions => _pendingByProducer.Count > 0;

    public bool IsEmpty => _committed.Count == 0 && !HasOpenTransactions;

    /// <summary>Everything there is an offset for, committed or pending.</summary>
    public IEnumerable<TopicPartition> Partitions => _committed.Keys.Concat(_pendingByProducer.Values.SelectMany(pending => pending.Keys)).Distinct();

    /// <summary>The newest record or marker that is accounted for: readers wait until no crash can take it back. -1 before the first.</summary>
    public long LastRecordOffset { get; private set; } = -1;

    public CommittedOffset? Find(TopicPartition partition) => _committed.GetValueOrDefault(partition);

    public bool HasPending(TopicPartition partition) => _pendingByProducer.Values.Any(pending => pending.ContainsKey(partition));

    public bool HasPendingOf(long producerId) => _pendingByProducer.ContainsKey(producerId);

    public void Commit(TopicPartition partition, CommittedOffset offset)
    {
        _committed[partition] = offset;
        Account(offset.RecordOffset);
    }

    public void CommitPending(long producerId, TopicPartition partition, CommittedOffset offset)
    {
        if (!_pendingByProducer.TryGetValue(producerId, out Dictionary<TopicPartition, CommittedOffset>? pending))
        {
            _pendingByProducer.Add(producerId, pending = []);
        }

        pending[partition] = offset;
        Account(offset.RecordOffset);
    }

    /// <summary>A tombstone, which ends pending commits as well.</summary>
    public void Remove(TopicPartition partition, long recordOffset)
    {
        _committed.Remove(partition);
        foreach ((long producerId, Dictionary<TopicPartition, CommittedOffset> pending) in _pendingByProducer)
        {
            pending.Remove(partition);
            if (pending.Count == 0)
            {
                _pendingByProducer.Remove(producerId);
            }
        }

        Account(recordOffset);
    }

    /// <summary>
    /// The producer's transaction has ended. Committed, its offsets count, except where a newer commit stands behind them in the log: compaction may have
    /// taken what lay between, so only the positions tell.
    /// </summary>
    /// <param name="markerOffset">Where the marker stands; commits behind it belong to the producer's next transaction.</param>
    public void End(long producerId, bool isCommit, long markerOffset)
    {
        if (!_pendingByProducer.TryGetValue(producerId, out Dictionary<TopicPartition, CommittedOffset>? pending))
        {
            return;
        }

        foreach ((TopicPartition partition, CommittedOffset offset) in pending)
        {
            if (offset.RecordOffset > markerOffset)
            {
                continue;
            }

            pending.Remove(partition);
            if (isCommit && (Find(partition) is not { } existing || offset.RecordOffset > existing.RecordOffset))
            {
                _committed[partition] = offset;
            }
        }

        if (pending.Count == 0)
        {
            _pendingByProducer.Remove(producerId);
        }

        Account(markerOffset);
    }

    private void Account(long recordOffset) => LastRecordOffset = Math.Max(LastRecordOffset, recordOffset);
}
