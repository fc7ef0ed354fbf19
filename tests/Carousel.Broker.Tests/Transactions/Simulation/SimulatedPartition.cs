using Carousel.Broker.Partitions;
using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Transactions.Simulation;

/// <summary>What a partition's log holds: a record of a transaction, or the marker that ends one.</summary>
internal abstract record Entry(ProducerIdAndEpoch Producer)
{
    /// <param name="Transaction">Of the client that sent it; what the record is in the end visible or hidden with.</param>
    internal sealed record Data(ProducerIdAndEpoch Producer, int Transaction) : Entry(Producer);

    internal sealed record Marker(ProducerIdAndEpoch Producer, bool IsCommit) : Entry(Producer);
}

/// <summary>A partition as simple as can be: who has a transaction open in it follows from its entries, as in a real one.</summary>
internal sealed class SimulatedPartition
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<long, short> _epochs = [];
    private readonly Dictionary<long, ProducerIdAndEpoch> _open = [];

    public SimulatedPartition(SimulatedDisk disk, TopicPartition name, IEnumerable<Entry>? recovered = null)
    {
        Name = name;
        foreach (Entry entry in recovered ?? [])
        {
            Apply(entry);
        }

        Log = SimulatedLog.Recovered(disk, _entries.Count);
        disk.Add(Log);
    }

    public TopicPartition Name { get; }

    public SimulatedLog Log { get; }

    public IReadOnlyList<Entry> Entries => _entries;

    public IEnumerable<OpenTransaction> Open => _open.Values.Select(producer => new OpenTransaction(Name, producer));

    /// <summary>A producer's write, durable when the task completes.</summary>
    public ValueTask<ErrorCode> WriteAsync(Entry.Data data, ITransactionVerifier? verifier)
    {
        ErrorCode error = data.Producer.ProducerEpoch < EpochOf(data) ? ErrorCode.InvalidProducerEpoch : ErrorCode.None;
        if (error == ErrorCode.None && !_open.ContainsKey(data.Producer.ProducerId) && verifier is not null)
        {
            error = verifier.Verify(data.Producer.ProducerId, data.Producer.ProducerEpoch, Name);
        }

        return error == ErrorCode.None ? AppendAsync(data) : new ValueTask<ErrorCode>(error);
    }

    public ValueTask<ErrorCode> WriteMarkerAsync(TransactionMarker marker)
    {
        bool isOld = marker.Producer.ProducerEpoch < EpochOf(new Entry.Marker(marker.Producer, marker.IsCommit));
        return isOld ? new ValueTask<ErrorCode>(ErrorCode.InvalidProducerEpoch) : AppendAsync(new Entry.Marker(marker.Producer, marker.IsCommit));
    }

    /// <summary>What readers of committed records see.</summary>
    public IReadOnlyList<int> Committed()
    {
        var committed = new List<int>();
        for (int index = 0; index < _entries.Count; index++)
        {
            if (_entries[index] is Entry.Data data
                && _entries.Skip(index).OfType<Entry.Marker>().FirstOrDefault(marker => marker.Producer.ProducerId == data.Producer.ProducerId)?.IsCommit == true)
            {
                committed.Add(data.Transaction);
            }
        }

        return committed;
    }

    public IEnumerable<Entry> AfterCrash(bool isPowerFailure, Random random) => _entries.Take((int)Log.EndAfterCrash(isPowerFailure, random));

    private async ValueTask<ErrorCode> AppendAsync(Entry entry)
    {
        if (Log.TryAppend() is not { } offset)
        {
            return ErrorCode.KafkaStorageError;
        }

        Apply(entry);
        return await Log.WaitUntilDurableAsync(offset);
    }

    private void Apply(Entry entry)
    {
        _entries.Add(entry);
        _epochs[entry.Producer.ProducerId] = entry.Producer.ProducerEpoch;
        if (entry is Entry.Data)
        {
            _open[entry.Producer.ProducerId] = entry.Producer;
        }
        else
        {
            _open.Remove(entry.Producer.ProducerId);
        }
    }

    private short EpochOf(Entry entry) => _epochs.GetValueOrDefault(entry.Producer.ProducerId, (short)-1);
}
