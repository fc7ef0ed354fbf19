using System.Numerics;

namespace Carousel.Wire.Records.Compression;

/// <summary>A decoding table of Zstandard's finite state entropy (RFC 8878, section 4.1): per state a symbol, and how to get to the next state.</summary>
internal sealed class FseTable
{
    private const int AccuracyMin = 5;
    private readonly Entry[] _entries;

    private FseTable(Entry[] entries) => _entries = entries;

    public int AccuracyLog => BitOperations.Log2((uint)_entries.Length);

    public byte SymbolOf(uint state) => _entries[state].Symbol;

    public uint Next(uint state, ref BackwardBits bits)
    {
        Entry entry = _entries[state];
        return entry.Baseline + bits.Read(entry.Bits);
    }

    public int BitsOf(uint state) => _entries[state].Bits;

    /// <summary>A table of one symbol that takes no bits.</summary>
    public static FseTable OfOne(byte symbol) => new([new(symbol, 0, 0)]);

    /// <param name="probabilities">Of each symbol, in parts of the table's size; -1 is less than one.</param>
    public static FseTable Of(ReadOnlySpan<short> probabilities, int accuracyLog)
    {
        int size = 1 << accuracyLog;
        var entries = new Entry[size];
        Span<int> next = stackalloc int[probabilities.Length];
        int high = size;
        for (int symbol = 0; symbol < probabilities.Length; symbol++)
        {
            next[symbol] = Math.Max(probabilities[symbol], (short)1);
            if (probabilities[symbol] == -1)
            {
                entries[--high].Symbol = (byte)symbol;
            }
        }

        int step = (size >> 1) + (size >> 3) + 3;
        int position = 0;
        for (int symbol = 0; symbol < probabilities.Length; symbol++)
        {
            for (int count = 0; count < probabilities[symbol]; count++)
            {
                entries[position].Symbol = (byte)symbol;
                do
                {
                    position = (position + step) & (size - 1);
                }
                while (position >= high);
            }
        }

        for (int state = 0; state < size; state++)
        {
            int value = next[entries[state].Symbol]++;
            int bits = accuracyLog - BitOperations.Log2((uint)value);
            entries[state] = new(entries[state].Symbol, (byte)bits, (ushort)((value << bits) - size));
        }

        return new(entries);
    }

    /// <summary>Reads a table's description and moves behind it.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> left, int accuracyMax, int symbolCountMax, out FseTable table)
    {
        table = null!;
        int position = 0;
        int accuracyLog = AccuracyMin + (int)ReadBits(left, ref position, 4);
        if (accuracyLog > accuracyMax)
        {
            return false;
        }

        Span<short> probabilities = stackalloc short[symbolCountMax];
        int remaining = 1 << accuracyLog;
        int symbol = 0;
        while (remaining > 0 && symbol < symbolCountMax)
        {
            int probability = ReadProbability(left, ref position, remaining);
            probabilities[symbol++] = (short)probability;
            remaining -= Math.Abs(probability);
            uint zeros = probability == 0 ? 3u : 0;
            while (zeros == 3)
            {
                zeros = ReadBits(left, ref position, 2);
                symbol += (int)zeros;
                if (symbol > symbolCountMax)
                {
                    return false;
                }
            }
        }

        int size = (position + 7) / 8;
        if (remaining != 0 || size > left.Length)
        {
            return false;
        }

        table = Of(probabilities[..symbol], accuracyLog);
        left = left[size..];
        return true;
    }

    private static int ReadProbability(ReadOnlySpan<byte> bytes, ref int position, int remaining)
    {
        // Small values take a bit less than large ones, so that no code is wasted.
        int bits = BitOperations.Log2((uint)remaining + 1) + 1;
        int value = (int)ReadBits(bytes, ref position, bits);
        int lowMask = (1 << (bits - 1)) - 1;
        int threshold = (1 << bits) - 1 - (remaining + 1);
        if ((value & lowMask) < threshold)
        {
            position--;
            value &= lowMask;
        }
        else if (value > lowMask)
        {
            value -= threshold;
        }

        return value - 1;
    }

    private static uint ReadBits(ReadOnlySpan<byte> bytes, ref int position, int count)
    {
        uint value = 0;
        for (int index = 0; index < count; index++, position++)
        {
            uint bit = position >> 3 < bytes.Length ? (uint)(bytes[position >> 3] >> (position & 7)) & 1 : 0;
            value |= bit << index;
        }

        return value;
    }

    private record struct Entry(byte Symbol, byte Bits, ushort Baseline);
}
