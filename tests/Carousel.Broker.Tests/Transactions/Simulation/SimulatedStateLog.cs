using Carousel.Broker.StateTopics;
using Carousel.Broker.Transactions;
using Carousel.Wire;
using Carousel.Wire.Records;

namespace Carousel.Broker.Tests.Transactions.Simulation;

/// <summary>One partition of <c>__transaction_state</c> on a simulated disk.</summary>
internal sealed class SimulatedStateLog : IStateLog
{
    private readonly List<byte[]> _batches;
    private readonly Func<TransactionState, bool> _isLiedAbout;
    private readonly HashSet<long> _lies = [];

    /// <param name="isLiedAbout">The states whose records are called durable before they are: a deliberate fault.</param>
    public SimulatedStateLog(SimulatedDisk disk, Func<TransactionState, bool> isLiedAbout, IEnumerable<byte[]>? recovered = null)
    {
        _batches = [.. recovered ?? []];
        _isLiedAbout = isLiedAbout;
        Log = SimulatedLog.Recovered(disk, _batches.Count);
        disk.Add(Log);
    }

    public SimulatedLog Log { get; }

    public StateAppend Append(byte[] batch)
    {
        if (Log.TryAppend() is not { } offset)
        {
            return StateAppend.Failed(ErrorCode.KafkaStorageError);
        }

        RecordBatch.SetPlace(batch, offset, 0);
        _batches.Add(batch);
        var reader = RecordReader.OfUncompressed(batch);
        if (reader.Read() && reader.Current.HasValue && _isLiedAbout(TransactionRecords.ReadValue(reader.Current.Value.ToArray()).State))
        {
            _lies.Add(offset);
        }

        return new StateAppend(ErrorCode.None, offset, offset);
    }

    public ValueTask<ErrorCode> WaitUntilDurableAsync(long offset) =>
        _lies.Contains(offset) ? new ValueTask<ErrorCode>(ErrorCode.None) : Log.WaitUntilDurableAsync(offset);

    public ReadOnlyMemory<byte> Read(long offset) => offset < _batches.Count ? _batches[(int)offset] : default;

    public IEnumerable<byte[]> AfterCrash(bool isPowerFailure, Random random) => _batches.Take((int)Log.EndAfterCrash(isPowerFailure, random));
}
