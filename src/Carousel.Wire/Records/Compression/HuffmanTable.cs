using System.Numerics;

namespace Carousel.Wire.Records.Compression;

/// <summary>The Huffman code of a block's literals in Zstandard (RFC 8878, section 4.2).</summary>
internal sealed class HuffmanTable
{
    private const int BitsMax = 11;
    private const int WeightAccuracyMax = 6;
    private const int WeightsMax = 255;
    private const int DirectWeights = 128;

    private readonly (byte Symbol, byte Bits)[] _entries;
    private readonly int _bitsMax;

    private HuffmanTable((byte Symbol, byte Bits)[] entries, int bitsMax) => (_entries, _bitsMax) = (entries, bitsMax);

    /// <summary>Reads a code's description and moves behind it.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> left, out HuffmanTable table)
    {
        table = null!;
        Span<byte> weights = stackalloc byte[WeightsMax + 1];
        if (left.IsEmpty)
        {
            return false;
        }

        int header = left[0];
        int size = header >= DirectWeights ? (header - DirectWeights + 2) / 2 : header;
        if (size > left.Length - 1)
        {
            return false;
        }

        ReadOnlySpan<byte> description = left.Slice(1, size);
        left = left[(1 + size)..];
        int count = header >= DirectWeights ? ReadNibbles(description, header - DirectWeights + 1, weights) : ReadCompressed(description, weights);
        return count > 0 && TryBuild(weights, count, out table);
    }

    /// <summary>Decodes one stream of literals into exactly the bytes given.</summary>
    public bool TryDecode(ReadOnlySpan<byte> stream, Span<byte> literals)
    {
        if (!BackwardBits.TryOpen(stream, out BackwardBits bits))
        {
            return false;
        }

        for (int index = 0; index < literals.Length; index++)
        {
            (byte symbol, byte length) = _entries[bits.Peek(_bitsMax)];
            bits.Skip(length);
            literals[index] = symbol;
        }

        return bits.BitsLeft == 0;
    }

    private static int ReadNibbles(ReadOnlySpan<byte> bytes, int count, Span<byte> weights)
    {
        for (int index = 0; index < count; index++)
        {
            weights[index] = (byte)((index & 1) == 0 ? bytes[index / 2] >> 4 : bytes[index / 2] & 0xF);
        }

        return count;
    }

    /// <summary>Two states take turns on one stream, until its bits run out.</summary>
    private static int ReadCompressed(ReadOnlySpan<byte> bytes, Span<byte> weights)
    {
        if (!FseTable.TryRead(ref bytes, WeightAccuracyMax, BitsMax + 2, out FseTable table) || !BackwardBits.TryOpen(bytes, out BackwardBits bits))
        {
            return 0;
        }

        uint state = bits.Read(table.AccuracyLog);
        uint other = bits.Read(table.AccuracyLog);
        int count = 0;
        while (count < WeightsMax - 1)
        {
            weights[count++] = table.SymbolOf(state);
            if (bits.BitsLeft < table.BitsOf(state))
            {
                weights[count++] = table.SymbolOf(other);
                return count;
            }

            state = table.Next(state, ref bits);
            (state, other) = (other, state);
        }

        return 0;
    }

    private static bool TryBuild(Span<byte> weights, int count, out HuffmanTable table)
    {
        table = null!;
        int sum = 0;
        foreach (byte weight in weights[..count])
        {
            if (weight > BitsMax)
            {
                return false;
            }

            sum += (1 << weight) >> 1;
        }

        // The last symbol's weight isn't written: it's what is missing to a power of two.
        int bitsMax = sum == 0 ? 0 : BitOperations.Log2((uint)sum) + 1;
        int missing = (1 << bitsMax) - sum;
        if (bitsMax is 0 or > BitsMax || !BitOperations.IsPow2(missing) || count > WeightsMax)
        {
            return false;
        }

        weights[count++] = (byte)(BitOperations.Log2((uint)missing) + 1);
        var entries = new (byte, byte)[1 << bitsMax];
        int position = 0;
        for (int weight = 1; weight <= bitsMax; weight++)
        {
            for (int symbol = 0; symbol < count; symbol++)
            {
                if (weights[symbol] == weight)
                {
                    int width = 1 << (weight - 1);
                    entries.AsSpan(position, width).Fill(((byte)symbol, (byte)(bitsMax + 1 - weight)));
                    position += width;
                }
            }
        }

        table = new(entries, bitsMax);
        return position == entries.Length;
    }
}
