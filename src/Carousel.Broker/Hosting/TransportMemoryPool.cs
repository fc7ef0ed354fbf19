using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Carousel.Broker.Hosting;

/// <summary>
/// Blocks for the bytes between the sockets and us, larger than Kestrel's own of 4 KiB: a batch of records then takes few calls to the kernel. Pinned, because
/// the kernel writes to them, and kept for the next connection.
/// </summary>
internal sealed class TransportMemoryPool(int retainedMax) : MemoryPool<byte>
{
    public const int BlockBytes = 64 * 1024;
    private readonly Lock _lock = new();
    private readonly Stack<byte[]> _idle = [];

    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        lock (_lock)
        {
            if (_idle.TryPop(out byte[]? idle))
            {
                return new Block(this, idle);
            }
        }

        return new Block(this, GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true));
    }

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _idle.Clear();
        }
    }

    private void Return(byte[] bytes)
    {
        lock (_lock)
        {
            if (_idle.Count < retainedMax)
            {
                _idle.Push(bytes);
            }
        }
    }

    private sealed class Block(TransportMemoryPool pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = bytes;

        public Memory<byte> Memory => _bytes ?? throw new ObjectDisposedException(nameof(Block));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } returned)
            {
                pool.Return(returned);
            }
        }
    }
}

/// <summary>One pool for all sockets, whichever thread they are on.</summary>
internal sealed class TransportMemoryPoolFactory : IMemoryPoolFactory<byte>
{
    /// <summary>8 MiB.</summary>
    private const int RetainedBlocksMax = 128;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new TransportMemoryPool(RetainedBlocksMax);
}
