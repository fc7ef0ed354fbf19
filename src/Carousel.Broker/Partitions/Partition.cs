using Carousel.Broker.Log;
using Carousel.Wire;
using Carousel.Wire.Records;

namespace Carousel.Broker.Partitions;

/// <summary>
/// One partition as the APIs see it. Appends take its lock while they assign offsets, write and update state; never while they flush or wait.
/// Invariant: log start ≤ last stable offset ≤ high watermark ≤ log end, and none of them goes back.
/// </summary>
internal sealed partial class Partition : IFlushTarget
{
    /// <summary>There is one node, and it always leads: the epoch never changes.</summary>
    public const int LeaderEpoch = 0;

    /// <summary>ListOffsets: the end of what a reader of that isolation may see.</summary>
    public const long LatestTimestamp = -1;

    /// <summary>ListOffsets: the log start.</summary>
    public const long EarliestTimestamp = -2;

    /// <summary>ListOffsets: the record with the largest timestamp.</summary>
    public const long MaxTimestamp = -3;

    private readonly Lock _lock = new();
    private readonly LogContext _context;
    private readonly LogFlusher _flusher;
    private readonly FlushSlot _flushSlot;
    private readonly DurableWaits _durableWaits = new();
    private readonly Func<long> _readHighWatermark;
    private readonly PartitionLog? _log;
    private readonly PartitionReader? _reader;
    private readonly PartitionWriter? _writer;
    private readonly Watermarks _watermarks = new();
    private volatile ErrorCode _end;
    private volatile LogSettings _settings = LogSettings.Default;

    private Partition(TopicPartition name, Guid topicId, LogContext context, LogFlusher flusher, PartitionLog? log)
    {
        (Name, TopicId, _context, _flusher, _log) = (name, topicId, context, flusher, log);
        _flushSlot = new FlushSlot(this);
        _readHighWatermark = () => HighWatermark;
    }

    /// <param name="log">Everything in it is durable.</param>
    public Partition(TopicPartition name, Guid topicId, LogContext context, LogFlusher flusher, LogSettings settings, PartitionLog log)
        : this(name, topicId, context, flusher, log)
    {
        _settings = settings;
        _reader = new PartitionReader(name, log, _watermarks, context.Logger);
        _writer = new PartitionWriter(name, log, context);
        _watermarks.AdvanceNeedsLock(log.EndOffset, log.Producers);
    }

    public TopicPartition Name { get; }

    public Guid TopicId { get; }

    /// <summary>May be replaced at any time.</summary>
    public LogSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>Everything below is durable and may be read.</summary>
    public long HighWatermark => _watermarks.High;

    /// <summary>Everything below is decided: committed or aborted. At most the high watermark.</summary>
    public long LastStableOffset => _watermarks.Stable;

    public long LogStartOffset => _log?.StartOffset ?? -1;

    public long LogEndOffset => _log?.EndOffset ?? -1;

    /// <summary>Bytes of all segments, without indexes.</summary>
    public long SizeBytes => _log?.SizeBytes ?? 0;

    /// <summary>Null while it serves. Otherwise every append and read answers KAFKA_STORAGE_ERROR.</summary>
    public PartitionFault? Fault { get; private init; }

    /// <summary>None while it serves; what every call answers once it doesn't: broken, deleted or closed.</summary>
    public ErrorCode Error => _end;

    internal DataWaits DataWaits { get; } = new();

    /// <summary>Nothing is appended or read any more.</summary>
    internal bool IsEnded => _end != ErrorCode.None;

    /// <summary>Held by whoever rewrites or removes files, for as long as that takes: there is one at a time. Taken before the partition's own lock.</summary>
    internal Lock Maintenance { get; } = new();

    /// <summary>A partition that can't be opened: it's there, and says why it doesn't serve.</summary>
    public static Partition OfFault(TopicPartition name, LogContext context, LogFlusher flusher, PartitionFault fault)
    {
        LogFault(context.Logger, name, fault);
        var partition = new Partition(name, Guid.Empty, context, flusher, log: null) { Fault = fault };
        partition.End(ErrorCode.KafkaStorageError);
        return partition;
    }

    /// <summary>
    /// Checks a batch as it came from the wire and appends it; durable once the high watermark passes its last offset. Never throws for bad input or a full disk:
    /// see <see cref="AppendResult.Error"/>.
    /// </summary>
    /// <param name="batch">One record batch; base offset, leader epoch and perhaps the append time are patched in it. Not kept.</param>
    /// <param name="verifier">Asked for the first batch of a transaction here; null accepts it unasked.</param>
    /// <param name="mustStartAtZero">A producer without state here must begin with sequence 0 (transaction version 2).</param>
    public AppendResult Append(Memory<byte> batch, AppendOrigin origin, ITransactionVerifier? verifier = null, bool mustStartAtZero = false)
    {
        LogSettings settings = Settings;
        RecordBatchVerdict verdict = BatchChecks.Check(batch.Span, origin, settings, _context.Now);
        if (!verdict.IsValid)
        {
            return AppendResult.Refused(verdict.Error, verdict.Reason, verdict.IsWhole ? LogStartOffset : -1) with { RefusedRecords = verdict.RefusedRecords };
        }

        long appendTime = -1;
        if (settings.IsLogAppendTime)
        {
            appendTime = _context.Now;
            RecordBatch.SetLogAppendTime(batch.Span, appendTime);
        }

        var request = new AppendRequest(origin, verifier is not null, mustStartAtZero, settings);
        AppendResult result = Append(batch.Span, request, appendTime, verified: null, out TransactionVerification? asked);
        if (asked is not null)
        {
            // Without the lock: the coordinator holds its own, and takes this one to write markers.
            var header = new RecordBatchHeader(batch.Span);
            ErrorCode answer = verifier!.Verify(header.ProducerId, header.ProducerEpoch, Name);
            result = answer == ErrorCode.None
                ? Append(batch.Span, request, appendTime, asked, out _)
                : AppendResult.Refused(answer, $"the transaction of producer {header.ProducerId} can't take records of {Name} now");
        }

        return Publish(result);
    }

    /// <summary>Ends the producer's transaction here with a control batch. Without an open transaction the marker is written all the same, as Kafka does.</summary>
    /// <param name="transactionVersion">From 2 on a marker's epoch is above that of the records it ends (KIP-890, part 2).</param>
    public AppendResult AppendMarker(long producerId, short producerEpoch, int coordinatorEpoch, bool isCommit, short transactionVersion)
    {
        var marker = new ControlRecord(isCommit, coordinatorEpoch);
        byte[] batch = marker.BuildBatch(producerId, producerEpoch, _context.Now);
        AppendResult result;
        lock (_lock)
        {
            result = IsEnded ? AppendResult.Refused(_end, reason: null) : _writer!.AppendMarker(batch, marker, transactionVersion, Settings);
        }

        return Publish(result);
    }

    /// <summary>
    /// Completes when the record at this offset is durable: with None; or with the error to answer when it never will be (deleted, out of order).
    /// Throws only OperationCanceledException.
    /// </summary>
    public ValueTask<ErrorCode> WaitUntilDurableAsync(long offset, CancellationToken cancellationToken) =>
        offset < HighWatermark ? new(ErrorCode.None) : _durableWaits.WaitAsync(offset, _readHighWatermark, cancellationToken);

    /// <summary>
    /// Reads whole batches from the one that holds the fetch offset, up to the high watermark or, read_committed, the last stable offset. See also
    /// <see cref="DataWait"/> for waiting until there is something.
    /// </summary>
    /// <param name="bytesMax">At most this many bytes.</param>
    /// <param name="minOneBatch">The first batch is returned even if it's larger.</param>
    public ReadResult Read(long fetchOffset, int bytesMax, bool readCommitted, bool minOneBatch) =>
        Error == ErrorCode.None
            ? _reader!.Read(fetchOffset, bytesMax, readCommitted, minOneBatch)
            : ReadResult.Nothing(fetchOffset, Error);

    /// <summary>
    /// The first record at or after a time, per record and not per batch; or one of the special timestamps of this class. Nothing above what the isolation
    /// shows.
    /// </summary>
    public TimestampOffset FindOffset(long timestamp, bool readCommitted) =>
        Error == ErrorCode.None ? _reader!.FindOffset(timestamp, readCommitted) : TimestampOffset.None with { Error = Error };

    /// <summary>Where a leader epoch ends. There is only one, so its end is the log's.</summary>
    public EpochEndOffset EndOffsetOf(int leaderEpoch) => leaderEpoch == LeaderEpoch ? new(LeaderEpoch, LogEndOffset) : new(-1, -1);

    public IReadOnlyList<ProducerDescription> DescribeProducers()
    {
        lock (_lock)
        {
            return
            [
                .. (_log?.Producers.All ?? []).Select(state => new ProducerDescription(
                    state.ProducerId, state.Epoch, state.CoordinatorEpoch, state.LastSequence, state.LastTimestamp, state.TransactionFirstOffset)),
            ];
        }
    }

    /// <summary>
    /// Moves the log start up to an offset (DeleteRecords); -1 is the high watermark. Answers OFFSET_OUT_OF_RANGE above it. Durable once
    /// <see cref="PartitionSet.CheckpointAsync"/> has run.
    /// </summary>
    public ErrorCode DeleteRecords(long beforeOffset)
    {
        lock (_lock)
        {
            if (IsEnded)
            {
                return _end;
            }

            long offset = beforeOffset == -1 ? HighWatermark : beforeOffset;
            if (offset < 0 || offset > HighWatermark)
            {
                return ErrorCode.OffsetOutOfRange;
            }

            _log!.AdvanceStart(offset);
            return ErrorCode.None;
        }
    }

    void IFlushTarget.Flush()
    {
        LogFlush? flush;
        lock (_lock)
        {
            flush = IsEnded ? null : _log!.BeginFlush();
        }

        if (flush is null)
        {
            return;
        }

        using (flush)
        {
            try
            {
                flush.Execute();
            }
            catch (IOException) when (IsEnded)
            {
                // It was deleted meanwhile, and its folder has another name: nobody waits for this flush.
                return;
            }

            AdvanceHighWatermark(flush.EndOffset, flush);
        }
    }

    /// <summary>Works on the files under the lock, for those who look after them. False once the partition has ended.</summary>
    internal bool TryMaintain(Action<PartitionLog> work)
    {
        lock (_lock)
        {
            if (IsEnded)
            {
                return false;
            }

            work(_log!);
        }

        if (_log!.HasUnflushedSegments)
        {
            _flusher.Enqueue(_flushSlot);
        }

        return true;
    }

    /// <summary>The files, to be read without the lock.</summary>
    internal PartitionLog? Log => _log;

    /// <summary>Flushes what is left and closes the files so that the next start needs no scan.</summary>
    internal void CloseCleanly()
    {
        lock (_lock)
        {
            if (IsEnded)
            {
                return;
            }

            _log!.CloseCleanly();
            _end = ErrorCode.NotLeaderOrFollower;
        }

        AdvanceHighWatermark(LogEndOffset, flush: null);
        End(ErrorCode.NotLeaderOrFollower);
    }

    /// <summary>Closes the files as they are. Those who wait get the error.</summary>
    internal void Abandon(ErrorCode error)
    {
        lock (_lock)
        {
            if (IsEnded)
            {
                return;
            }

            _end = error;
            _log!.Dispose();
        }

        End(error);
    }

    private AppendResult Append(
        Span<byte> batch, AppendRequest request, long appendTime, TransactionVerification? verified, out TransactionVerification? asked)
    {
        asked = null;
        lock (_lock)
        {
            return IsEnded ? AppendResult.Refused(_end, reason: null) : _writer!.Append(batch, request, appendTime, verified, out asked);
        }
    }

    private AppendResult Publish(AppendResult result)
    {
        if (result is { IsSuccess: true, IsDuplicate: false })
        {
            if (_context.FlushMode == FlushMode.OperatingSystem)
            {
                AdvanceHighWatermark(result.LastOffset + 1, flush: null);
            }

            // A segment that ended is flushed in either mode: a start after a crash must not scan it.
            if (_context.FlushMode == FlushMode.Fsync || _log!.HasUnflushedSegments)
            {
                _flusher.Enqueue(_flushSlot);
            }
        }

        return result;
    }

    private void AdvanceHighWatermark(long offset, LogFlush? flush)
    {
        lock (_lock)
        {
            if (flush is not null && !IsEnded)
            {
                _log!.NoteFlushed(flush);
            }

            _watermarks.AdvanceNeedsLock(offset, _log!.Producers);
        }

        _durableWaits.Complete(HighWatermark);
        DataWaits.Wake(HighWatermark, LastStableOffset);
    }

    private void End(ErrorCode error)
    {
        _end = error;
        _durableWaits.Fail(error);
        DataWaits.End();
    }
}
