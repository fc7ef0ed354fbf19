namespace Carousel.Broker.Tests.Transactions.Simulation;

internal enum Outcome
{
    /// <summary>Nobody was told how it ended: it may be either, as a whole.</summary>
    Unknown,
    Committed,
    Aborted,
}

/// <summary>A transaction as its client knows it.</summary>
internal sealed class SimulatedTransaction(int number)
{
    public int Number { get; } = number;

    public Outcome Outcome { get; set; }

    /// <summary>The partition of every write that was acknowledged.</summary>
    public List<int> Acknowledged { get; } = [];

    /// <summary>A write failed, or nobody knows what became of it: only an abort is left.</summary>
    public bool HasFailed { get; set; }
}

/// <summary>What clients were told, and what must therefore be seen in the partitions.</summary>
internal sealed class Oracle
{
    private readonly List<SimulatedTransaction> _transactions = [];
    private readonly HashSet<Broker.Transactions.ProducerIdAndEpoch> _given = [];

    public SimulatedTransaction Begin()
    {
        var transaction = new SimulatedTransaction(_transactions.Count);
        _transactions.Add(transaction);
        return transaction;
    }

    public int Count(Outcome outcome) => _transactions.Count(transaction => transaction.Outcome == outcome);

    /// <summary>No two producers are ever the same incarnation.</summary>
    public void Given(Broker.Transactions.ProducerIdAndEpoch producer) => Assert.True(_given.Add(producer), $"{producer} was given out twice");

    /// <summary>A commit that was answered is seen at once.</summary>
    public static void AssertVisible(SimulatedBroker broker, SimulatedTransaction transaction)
    {
        for (int partition = 0; partition < SimulatedBroker.PartitionCount; partition++)
        {
            Assert.True(
                broker.Partitions[partition].Committed().Count(number => number == transaction.Number)
                    >= transaction.Acknowledged.Count(acknowledged => acknowledged == partition),
                $"transaction {transaction.Number} is committed and can't be seen in partition {partition}");
        }
    }

    /// <summary>Every transaction is seen as a whole or not at all, as its client was told; and none hangs.</summary>
    public void AssertAllOrNothing(SimulatedBroker broker)
    {
        Assert.Empty(broker.Partitions.SelectMany(partition => partition.Open));
        var committed = broker.Partitions.SelectMany(partition => partition.Committed()).ToLookup(number => number);
        var written = broker.Partitions.SelectMany(partition => partition.Entries).OfType<Entry.Data>().ToLookup(data => data.Transaction);
        foreach (SimulatedTransaction transaction in _transactions)
        {
            (int seen, int all) = (committed[transaction.Number].Count(), written[transaction.Number].Count());
            string what = $"{transaction.Outcome} transaction {transaction.Number}: {seen} of {all} records are seen, {transaction.Acknowledged.Count} were acknowledged";
            Assert.True(seen == 0 || seen == all, what);
            Assert.True(seen == 0 || all >= transaction.Acknowledged.Count, what);
            Assert.True(transaction.Outcome != Outcome.Aborted || seen == 0, what);
            if (transaction.Outcome == Outcome.Committed)
            {
                AssertVisible(broker, transaction);
            }
        }
    }
}
