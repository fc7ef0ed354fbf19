using System.Buffers;

namespace Carousel.Broker.Log;

/// <summary>Bytes in an array from the shared pool. Whoever holds it disposes it once, and doesn't touch the bytes afterwards.</summary>
internal sealed class PooledBytes : IDisposable
{
    private byte[]? _array;
    private readonly int _length;

    private PooledBytes(byte[] array, int length) => (_array, _length) = (array, length);

    public Memory<byte> Bytes => (_array ?? throw new ObjectDisposedException(nameof(PooledBytes))).AsMemory(0, _length);

    public static PooledBytes Rent(int length) => new(ArrayPool<byte>.Shared.Rent(length), length);

    /// <summary>The first bytes alone, in the same array, which this then no longer owns.</summary>
    public PooledBytes TakeFirst(int length)
    {
        byte[] array = Interlocked.Exchange(ref _array, null) ?? throw new ObjectDisposedException(nameof(PooledBytes));
        return new(array, length);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _array, null) is { } array)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
