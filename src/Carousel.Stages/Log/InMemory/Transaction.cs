namespace Carousel.Stages.Log.InMemory;

internal enum TransactionState
{
    Open,
    Committed,
    Aborted,
}

/// <summary>One transaction: where it wrote, and the offsets that become the group's with its commit. Guarded by the log's lock.</summary>
internal sealed class Transaction(long startedTimestamp)
{
    public TransactionState State { get; private set; }

    public long StartedTimestamp { get; } = startedTimestamp;

    public HashSet<InMemoryPartition> Partitions { get; } = [];

    public Dictionary<(InMemoryGroup Group, SourcePartition Partition), long> Offsets { get; } = [];

    public void Commit()
    {
        End(TransactionState.Committed);
        foreach (((InMemoryGroup group, SourcePartition partition), long offset) in Offsets)
        {
            group.Commit(partition, offset);
        }
    }

    public void Abort() => End(TransactionState.Aborted);

    private void End(TransactionState state)
    {
        State = state;
        foreach (InMemoryPartition partition in Partitions)
        {
            partition.AppendMarker();
        }
    }
}

/// <summary>What the log knows of a transactional id. Each producer that takes it over has the next epoch; those before are fenced.</summary>
internal sealed class TransactionalId(string name)
{
    public string Name { get; } = name;

    public int Epoch { get; private set; }

    public Transaction? Open { get; set; }

    /// <summary>Fences whoever holds the id, and settles what it left open.</summary>
    public int BumpEpoch()
    {
        Open?.Abort();
        Open = null;
        return ++Epoch;
    }
}
