using Carousel.Broker.StateTopics;
using Carousel.Wire;
using Carousel.Wire.Records;

namespace Carousel.Broker.Tests.StateTopics;

/// <summary>
/// A partition's log in memory, which loses at a crash what wasn't flushed. By default everything is durable at once; a test that wants to see what waits for
/// that holds the flush back.
/// </summary>
internal sealed class MemoryStateLog : IStateLog
{
    private readonly Lock _lock = new();
    private readonly List<(long LastOffset, byte[] Batch)> _batches = [];
    private readonly List<(long Offset, TaskCompletionSource<ErrorCode> Done)> _waiters = [];
    private long _next;
    private long _durable = -1;

    /// <summary>Appends aren't durable until <see cref="Flush"/>.</summary>
    public bool HoldsFlush { get; set; }

    /// <summary>What every append answers from now on; None to take them.</summary>
    public ErrorCode Refusal { get; set; }

    /// <summary>Refuses single batches, by their header's producer id and epoch.</summary>
    public Func<long, short, ErrorCode>? RefusalOfProducer { get; set; }

    public long NextOffset => Locked(() => _next);

    public IReadOnlyList<byte[]> Batches => Locked<IReadOnlyList<byte[]>>(() => [.. _batches.Select(batch => batch.Batch)]);

    public StateAppend Append(byte[] batch)
    {
        var header = new RecordBatchHeader(batch);
        ErrorCode refusal = Refusal == ErrorCode.None ? RefusalOfProducer?.Invoke(header.ProducerId, header.ProducerEpoch) ?? ErrorCode.None : Refusal;
        if (refusal != ErrorCode.None)
        {
            return StateAppend.Failed(refusal);
        }

        int lastOffsetDelta = header.LastOffsetDelta;
        lock (_lock)
        {
            RecordBatch.SetPlace(batch, _next, 0);
            var append = new StateAppend(ErrorCode.None, _next, _next + lastOffsetDelta);
            _batches.Add((append.LastOffset, batch));
            _next = append.LastOffset + 1;
            _durable = HoldsFlush ? _durable : append.LastOffset;
            return append;
        }
    }

    /// <returns>The marker's offset.</returns>
    public long AppendMarker(ProducerStamp producer, bool isCommit) =>
        Append(new ControlRecord(isCommit, CoordinatorEpoch: 0).BuildBatch(producer.ProducerId, producer.ProducerEpoch, timestamp: 0)).BaseOffset;

    public ValueTask<ErrorCode> WaitUntilDurableAsync(long offset)
    {
        lock (_lock)
        {
            if (offset <= _durable)
            {
                return new(ErrorCode.None);
            }

            var done = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((offset, done));
            return new(done.Task);
        }
    }

    public ReadOnlyMemory<byte> Read(long offset) =>
        Locked(() => _batches.FirstOrDefault(batch => batch.LastOffset >= offset).Batch ?? []);

    /// <summary>Makes everything durable that was appended.</summary>
    public void Flush() => Complete(_ => ErrorCode.None, () => _durable = _next - 1);

    /// <summary>The disk has failed: nothing that waits will ever be durable.</summary>
    public void FailFlush(ErrorCode error) => Complete(_ => error, () => { });

    /// <summary>What is left after a power cut.</summary>
    public MemoryStateLog Crash()
    {
        lock (_lock)
        {
            var left = new MemoryStateLog { _durable = _durable, _next = _durable + 1 };
            left._batches.AddRange(_batches.Where(batch => batch.LastOffset <= _durable));
            return left;
        }
    }

    private void Complete(Func<long, ErrorCode> answer, Action change)
    {
        (long Offset, TaskCompletionSource<ErrorCode> Done)[] waiters;
        lock (_lock)
        {
            change();
            waiters = [.. _waiters];
            _waiters.Clear();
        }

        foreach ((long offset, TaskCompletionSource<ErrorCode> done) in waiters)
        {
            done.TrySetResult(answer(offset));
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }
}
