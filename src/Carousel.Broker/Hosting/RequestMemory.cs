namespace Carousel.Broker.Hosting;

/// <summary>
/// The memory that all requests in flight share. Small frames have a part of their own, so that they go on while a large one waits for the rest.
/// </summary>
internal sealed class RequestMemory(long bytesMax, long retainedBytesMax)
{
    private readonly MemoryBudget _small = new(bytesMax / 4);
    private readonly MemoryBudget _large = new(bytesMax - (bytesMax / 4));

    public FramePool Pool { get; } = new(retainedBytesMax);

    /// <summary>The largest frame that can ever be held.</summary>
    public long FrameBytesMax => _large.BytesMax;

    public long BytesInUse => _small.BytesInUse + _large.BytesInUse;

    /// <summary>Completes when there is room. Until then nothing is read from the connection, which holds the client back.</summary>
    public ValueTask<Frame> RentAsync(int length, CancellationToken cancellationToken)
    {
        MemoryBudget budget = length <= FramePool.SmallBytesMax ? _small : _large;
        return budget.TryTake(length) ? new ValueTask<Frame>(new Frame(this, budget, length)) : WaitAsync(budget, length, cancellationToken);
    }

    private async ValueTask<Frame> WaitAsync(MemoryBudget budget, int length, CancellationToken cancellationToken)
    {
        await budget.TakeAsync(length, cancellationToken);
        return new Frame(this, budget, length);
    }
}

/// <summary>The bytes of one request without its length prefix. Disposing gives buffer and budget back; later calls do nothing.</summary>
internal sealed class Frame(RequestMemory memory, MemoryBudget budget, int length) : IDisposable
{
    private byte[]? _buffer = memory.Pool.Rent(length);

    public Memory<byte> Bytes => (_buffer ?? throw new ObjectDisposedException(nameof(Frame))).AsMemory(0, length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            memory.Pool.Return(buffer);
            budget.Return(length);
        }
    }
}
