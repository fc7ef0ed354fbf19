using Carousel.Broker.Partitions;
using Carousel.Broker.StateTopics;
using Carousel.Broker.Transactions;
using Carousel.Wire;
using Carousel.Wire.Records;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Transactions.Simulation;

/// <summary>Deliberate faults, each of which the invariants must find.</summary>
[Flags]
internal enum Fault
{
    None = 0,

    /// <summary>Markers are written before the decision is on disk.</summary>
    DecisionIsNotAwaited = 1,

    /// <summary>The next transaction begins before the end of the last one is on disk.</summary>
    EndIsNotAwaited = 2,

    /// <summary>Partitions take records of transactions that the coordinator doesn't know.</summary>
    NothingIsVerified = 4,

    /// <summary>After a crash, nobody looks for transactions whose record was lost.</summary>
    OpenTransactionsAreNotListed = 8,

    /// <summary>Markers count as written before they are durable.</summary>
    MarkersAreNotAwaited = 16,

    /// <summary>The producer's new epoch is answered before it is on disk.</summary>
    EpochIsNotAwaited = 32,
}

/// <summary>The coordinator with partitions and disk around it, which all end in a crash and come back with what the disk kept.</summary>
internal sealed class SimulatedBroker : ITransactionMarkers, IOpenTransactions, IProducerIdReservations
{
    public const string Topic = "orders";
    public const int PartitionCount = 3;
    private const int StatePartitionCount = 2;

    private readonly Fault _fault;
    private readonly IReadOnlyList<SimulatedStateLog> _stateLogs;
    private long _reserved;

    private SimulatedBroker(SimulatedDisk disk, FakeTimeProvider time, Fault fault, Func<int, IEnumerable<byte[]>> stateLogs, Func<int, IEnumerable<Entry>> partitions)
    {
        (Disk, Time, _fault) = (disk, time, fault);
        _stateLogs = [.. Enumerable.Range(0, StatePartitionCount).Select(number => new SimulatedStateLog(disk, IsLiedAbout, stateLogs(number)))];
        Partitions = [.. Enumerable.Range(0, PartitionCount).Select(number => new SimulatedPartition(disk, new(Topic, number), partitions(number)))];
    }

    public SimulatedDisk Disk { get; }

    public FakeTimeProvider Time { get; }

    public IReadOnlyList<SimulatedPartition> Partitions { get; }

    public TransactionCoordinator Coordinator { get; private set; } = null!;

    public long NextProducerId => _reserved;

    /// <summary>A broker in an empty directory, to be opened.</summary>
    public static SimulatedBroker New(SimulatedDisk disk, FakeTimeProvider time, Fault fault = Fault.None) => new(disk, time, fault, _ => [], _ => []);

    /// <summary>A broker whose <c>__transaction_state</c> and partitions hold something already, to be opened.</summary>
    public static SimulatedBroker With(string transactionalId, TransactionMetadata known, params (int Partition, Entry Entry)[] entries)
    {
        StateRecord record = TransactionRecords.Write(transactionalId, known);
        byte[] batch = new RecordBatchBuilder(baseTimestamp: 0).Add(record.Key, record.Value).Build();
        var time = new FakeTimeProvider();
        int partition = new StateTopic("__transaction_state", new IStateLog[StatePartitionCount], time).PartitionOf(transactionalId);
        return new SimulatedBroker(
            new SimulatedDisk { FlushesWhenAwaited = true },
            time,
            Fault.None,
            number => number == partition ? [batch] : [],
            number => entries.Where(written => written.Partition == number).Select(written => written.Entry));
    }

    /// <summary>The broker on what the crash left of this one's disk, to be opened.</summary>
    public SimulatedBroker AfterCrash(SimulatedDisk disk, bool isPowerFailure, Random random) => new(
        disk,
        Time,
        _fault,
        number => _stateLogs[number].AfterCrash(isPowerFailure, random),
        number => Partitions[number].AfterCrash(isPowerFailure, random))
    {
        _reserved = _reserved,
    };

    public async Task OpenAsync() => Coordinator = await TransactionCoordinator.OpenAsync(
        new StateTopic("__transaction_state", _stateLogs, Time),
        new TransactionPorts(this, this, this),
        new TransactionOptions(),
        Time,
        NullLoggerFactory.Instance);

    public ValueTask<ErrorCode> ProduceAsync(int partition, ProducerIdAndEpoch producer, int transaction) =>
        Partitions[partition].WriteAsync(new Entry.Data(producer, transaction), _fault.HasFlag(Fault.NothingIsVerified) ? null : Coordinator);

    ValueTask<ErrorCode> ITransactionMarkers.WriteAsync(TopicPartition partition, TransactionMarker marker)
    {
        if (partition.Topic != Topic || partition.Partition >= PartitionCount)
        {
            return new ValueTask<ErrorCode>(ErrorCode.UnknownTopicOrPartition);
        }

        Task<ErrorCode> written = Partitions[partition.Partition].WriteMarkerAsync(marker).AsTask();
        return new ValueTask<ErrorCode>(_fault.HasFlag(Fault.MarkersAreNotAwaited) ? Task.FromResult(ErrorCode.None) : written);
    }

    IEnumerable<OpenTransaction> IOpenTransactions.List() =>
        _fault.HasFlag(Fault.OpenTransactionsAreNotListed) ? [] : Partitions.SelectMany(partition => partition.Open);

    ValueTask<ErrorCode> IProducerIdReservations.ReserveAsync(long nextProducerId)
    {
        if (!Disk.TryStep())
        {
            return new ValueTask<ErrorCode>(ErrorCode.KafkaStorageError);
        }

        _reserved = nextProducerId;
        return new ValueTask<ErrorCode>(ErrorCode.None);
    }

    private bool IsLiedAbout(TransactionState state) => state switch
    {
        TransactionState.Empty => _fault.HasFlag(Fault.EpochIsNotAwaited),
        TransactionState.PrepareCommit or TransactionState.PrepareAbort => _fault.HasFlag(Fault.DecisionIsNotAwaited),
        TransactionState.CompleteCommit or TransactionState.CompleteAbort => _fault.HasFlag(Fault.EndIsNotAwaited),
        _ => false,
    };
}
