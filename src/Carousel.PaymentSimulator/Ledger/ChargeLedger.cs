using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Carousel.PaymentSimulator.Ledger;

/// <summary>
/// The durable record of every charge, decline and refund. A thread of its own takes what has queued up, writes it as one frame,
/// waits for the disk once, and only then makes the entries known and releases their callers (group commit).
/// Invariant: an entry is in the index exactly when it is on disk, and a reference gets at most one.
/// </summary>
internal sealed partial class ChargeLedger : IAsyncDisposable
{
    private readonly LedgerFile _file;
    private readonly ILogger<ChargeLedger> _logger;
    private readonly BlockingCollection<Waiting> _queue;
    private readonly TaskCompletionSource _writerEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _closing = new(initialState: false, spinCount: 0);
    private readonly TimeSpan _linger;
    private volatile bool _failed;
    private long _duplicatesPrevented;

    private ChargeLedger(string directory, int queueMax, TimeSpan linger, ILogger<ChargeLedger> logger)
    {
        _linger = linger;
        _logger = logger;
        _queue = new BlockingCollection<Waiting>(queueMax);
        _file = LedgerFile.Open(directory, logger, Learn);
        LogOpened(directory, _file.Count);

        // fsync blocks, so the writer has a thread of its own instead of one of the pool's few.
        new Thread(WriteLoop) { IsBackground = true, Name = "payment-ledger" }.Start();
    }

    public ReferenceIndex Index { get; } = new();

    public LedgerTotals Totals { get; } = new();

    public uint Instance => _file.Instance;

    public int Count => _file.Count;

    /// <summary>False after the disk has refused a write: nothing is executed any more until a restart.</summary>
    public bool IsWritable => !_failed;

    public long DuplicatesPrevented => Interlocked.Read(ref _duplicatesPrevented);

    /// <exception cref="PaymentSimulatorException">The directory is in use or the file is damaged.</exception>
    public static ChargeLedger Open(string directory, int queueMax, TimeSpan linger, ILogger<ChargeLedger> logger) =>
        new(directory, queueMax, linger, logger);

    public void CountDuplicate() => Interlocked.Increment(ref _duplicatesPrevented);

    public LedgerEntry Read(int ordinal) => _file.Read(ordinal);

    /// <summary>
    /// Queues an entry whose claim the caller holds. The task ends when the entry is on disk and known to the index;
    /// it fails when the disk refused, and then nobody can say whether the entry will be there after a restart.
    /// </summary>
    /// <returns>Null when the queue is full or closed: nothing was done.</returns>
    public Task<LedgerEntry>? TryAppend(LedgerEntry entry)
    {
        var waiting = new Waiting(entry);
        try
        {
            return _queue.TryAdd(waiting) ? waiting.Task : null;
        }
        catch (InvalidOperationException)
        {
            // The only way a collection says that it is closed.
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        _closing.Set();
        await _writerEnded.Task;
        _queue.Dispose();
        _closing.Dispose();
        _file.Dispose();
    }

    private void Learn(LedgerEntry entry)
    {
        var isNew = entry.Kind == LedgerEntryKind.Refunded
            ? Index.Settle(Digest.OfRefundKey(entry.Detail), entry.Ordinal) & Index.Settle(Digest.OfRefundedCharge(entry.RefundedOrdinal), entry.Ordinal)
            : Index.Settle(Digest.OfReference(entry.Reference), entry.Ordinal);
        if (!isNew)
        {
            throw new PaymentSimulatorException(
                $"The ledger holds a second entry for '{entry.Reference}' at position {entry.Ordinal}: the promise of one charge per reference is broken, so it won't go on.");
        }

        Totals.Add(entry);
    }

    private void WriteLoop()
    {
        var batch = new List<Waiting>();
        try
        {
            var frame = new byte[LedgerFormat.FrameHeaderSize + LedgerFormat.FramePayloadMax];
            var offsets = new List<int>();
            while (_queue.TryTake(out var first, Timeout.Infinite))
            {
                batch.Add(first);
                offsets.Clear();
                _closing.Wait(_linger);
                WriteBatch(frame, batch, offsets);
                batch.Clear();
            }
        }
        catch (Exception e)
        {
            // Entries of this batch may or may not reach the disk. Their claims stay, so that nobody executes them a second time.
            _failed = true;
            _queue.CompleteAdding();
            LogWriterFailed(e);
            FailWaiting(batch, e);
        }
        finally
        {
            _writerEnded.SetResult();
        }
    }

    private void WriteBatch(byte[] frame, List<Waiting> batch, List<int> offsets)
    {
        var length = LedgerFormat.FrameHeaderSize;
        for (var i = 0; ; i++)
        {
            offsets.Add(length);
            length += LedgerFormat.WriteEntry(frame.AsSpan(length), batch[i].Entry);
            if (length + LedgerFormat.EntryLengthSize + LedgerFormat.EntrySizeMax > frame.Length || !_queue.TryTake(out var next))
            {
                break;
            }

            batch.Add(next);
        }

        LedgerFormat.SealFrame(frame.AsSpan(0, length));
        var ordinal = _file.Count;
        _file.Append(frame.AsSpan(0, length), offsets);
        foreach (var waiting in batch)
        {
            var entry = waiting.Entry with { Ordinal = ordinal++ };
            Learn(entry);
            waiting.SetResult(entry);
        }
    }

    private void FailWaiting(List<Waiting> batch, Exception cause)
    {
        while (_queue.TryTake(out var waiting))
        {
            batch.Add(waiting);
        }

        foreach (var waiting in batch)
        {
            waiting.TrySetException(new PaymentSimulatorException("The ledger can't be written; see the log.", cause));
        }
    }

    private sealed class Waiting(LedgerEntry entry) : TaskCompletionSource<LedgerEntry>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public LedgerEntry Entry { get; } = entry;
    }
}
