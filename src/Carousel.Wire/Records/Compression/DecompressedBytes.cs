namespace Carousel.Wire.Records.Compression;

/// <summary>The growing result of a decompression, with a bound. A write that would pass it is refused, and from then on it's full.</summary>
internal sealed class DecompressedBytes(int bytesMax)
{
    private byte[] _bytes = new byte[Math.Min(4096, bytesMax)];
    private int _length;

    public bool IsFull { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!TryGrow(bytes.Length))
        {
            return false;
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        return true;
    }

    public bool TryWriteRepeated(byte value, int count)
    {
        if (!TryGrow(count))
        {
            return false;
        }

        _bytes.AsSpan(_length, count).Fill(value);
        _length += count;
        return true;
    }

    /// <summary>Repeats bytes that were written before; where the copy reaches its own source, the pattern goes on.</summary>
    /// <param name="distance">How far back they begin. A distance beyond the beginning is refused.</param>
    public bool TryCopy(int distance, int count)
    {
        if (distance <= 0 || distance > _length || !TryGrow(count))
        {
            return false;
        }

        Span<byte> bytes = _bytes;
        while (count > 0)
        {
            int step = Math.Min(count, distance);
            bytes.Slice(_length - distance, step).CopyTo(bytes[_length..]);
            _length += step;
            count -= step;
        }

        return true;
    }

    private bool TryGrow(int count)
    {
        if (count < 0 || count > bytesMax - _length)
        {
            IsFull = true;
            return false;
        }

        int needed = _length + count;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(bytesMax, Math.Max(needed, 2L * _bytes.Length)));
        }

        return true;
    }
}
