using System.Numerics;

namespace Carousel.Wire.Records.Compression;

/// <summary>
/// A bit stream that is read from its end, as Zstandard's entropy coders write it. The last byte's highest set bit marks where it begins. Reading past the
/// start gives zeros; <see cref="BitsLeft"/> is negative then.
/// </summary>
internal ref struct BackwardBits
{
    private readonly ReadOnlySpan<byte> _bytes;

    private BackwardBits(ReadOnlySpan<byte> bytes, int bitsLeft)
    {
        _bytes = bytes;
        BitsLeft = bitsLeft;
    }

    public int BitsLeft { get; private set; }

    public static bool TryOpen(ReadOnlySpan<byte> bytes, out BackwardBits bits)
    {
        bool hasMark = !bytes.IsEmpty && bytes[^1] != 0;
        bits = hasMark ? new(bytes, ((bytes.Length - 1) * 8) + BitOperations.Log2(bytes[^1])) : default;
        return hasMark;
    }

    public uint Read(int count)
    {
        uint value = Peek(count);
        BitsLeft -= count;
        return value;
    }

    public void Skip(int count) => BitsLeft -= count;

    /// <summary>The next bits, at most 32, without moving.</summary>
    public readonly uint Peek(int count)
    {
        if (count == 0)
        {
            return 0;
        }

        int start = BitsLeft - count;
        ulong window = 0;
        int firstByte = start >> 3;
        for (int index = 0; index < 5; index++)
        {
            int at = firstByte + index;
            if ((uint)at < (uint)_bytes.Length)
            {
                window |= (ulong)_bytes[at] << (8 * index);
            }
        }

        return (uint)((window >> (start & 7)) & ((1UL << count) - 1));
    }
}
