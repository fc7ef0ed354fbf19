namespace Carousel.Broker.Hosting;

/// <summary>
/// Buffers for requests, kept for the next one, so that none is allocated for each request. Small ones are pinned and never move; large ones would
/// each be an allocation on the large object heap. Sizes go in quarters of a power of two, so at most a fifth of a buffer lies idle.
/// </summary>
internal sealed class FramePool(long retainedBytesMax)
{
    public const int SmallBytesMax = 64 * 1024;
    private const int BufferBytesMin = 1024;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Shelf> _shelves = [];
    private long _retained;

    public long RetainedBytes
    {
        get
        {
            lock (_lock)
            {
                return _retained;
            }
        }
    }

    /// <summary>A buffer of at least this many bytes, with whatever is in it. Give it back once.</summary>
    public byte[] Rent(int bytes)
    {
        int size = SizeFor(bytes);
        lock (_lock)
        {
            if (_shelves.TryGetValue(size, out Shelf? shelf) && shelf.Buffers.TryPop(out byte[]? buffer))
            {
                shelf.Fewest = Math.Min(shelf.Fewest, shelf.Buffers.Count);
                _retained -= size;
                return buffer;
            }
        }

        return GC.AllocateUninitializedArray<byte>(size, pinned: size <= SmallBytesMax);
    }

    public void Return(byte[] buffer)
    {
        lock (_lock)
        {
            if (_retained + buffer.Length > retainedBytesMax)
            {
                return;
            }

            if (!_shelves.TryGetValue(buffer.Length, out Shelf? shelf))
            {
                _shelves.Add(buffer.Length, shelf = new Shelf());
            }

            shelf.Buffers.Push(buffer);
            _retained += buffer.Length;
        }
    }

    /// <summary>Lets go of the buffers that nobody has needed since the last call.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            foreach ((int size, Shelf shelf) in _shelves)
            {
                for (int unused = Math.Min(shelf.Fewest, shelf.Buffers.Count); unused > 0; unused--)
                {
                    shelf.Buffers.Pop();
                    _retained -= size;
                }

                shelf.Fewest = shelf.Buffers.Count;
            }
        }
    }

    internal static int SizeFor(int bytes)
    {
        if (bytes <= BufferBytesMin)
        {
            return BufferBytesMin;
        }

        int quarter = (int)(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)bytes) / 8);
        return checked((bytes + quarter - 1) / quarter * quarter);
    }

    private sealed class Shelf
    {
        public Stack<byte[]> Buffers { get; } = [];

        /// <summary>The fewest buffers that lay here since the last trim.</summary>
        public int Fewest { get; set; }
    }
}
