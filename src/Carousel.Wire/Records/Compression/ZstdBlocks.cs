namespace Carousel.Wire.Records.Compression;

/// <summary>
/// The compressed blocks of one Zstandard frame (RFC 8878, section 3.1.1.3): literals, and sequences that say how many literals to take and what to repeat.
/// A block may use the tables and offsets of those before it.
/// </summary>
internal sealed class ZstdBlocks(DecompressedBytes output)
{
    private const int LiteralsMax = 128 << 10;
    private readonly ZstdSequences _sequences = new(output);
    private byte[] _literals = [];
    private HuffmanTable? _huffman;

    public bool TryDecode(ReadOnlySpan<byte> block)
    {
        return TryReadLiterals(ref block, out int literalCount) && _sequences.TryDecode(block, _literals.AsSpan(0, literalCount));
    }

    private bool TryReadLiterals(ref ReadOnlySpan<byte> left, out int count)
    {
        const int Raw = 0;
        const int Repeated = 1;
        count = 0;
        if (left.IsEmpty)
        {
            return false;
        }

        int type = left[0] & 3;
        if (type > Repeated)
        {
            return TryReadHuffman(ref left, hasTable: type == 2, out count);
        }

        int sizeFormat = (left[0] >> 2) & 3;
        int headerSize = sizeFormat switch { 1 => 2, 3 => 3, _ => 1 };
        if (left.Length < headerSize)
        {
            return false;
        }

        count = headerSize == 1 ? left[0] >> 3 : (int)(LittleEndian(left, headerSize) >> 4);
        left = left[headerSize..];
        int taken = type == Raw ? count : 1;
        if (taken > left.Length || !TryRoom(count))
        {
            return false;
        }

        if (type == Raw)
        {
            left[..count].CopyTo(_literals);
        }
        else
        {
            _literals.AsSpan(0, count).Fill(left[0]);
        }

        left = left[taken..];
        return true;
    }

    private bool TryReadHuffman(ref ReadOnlySpan<byte> left, bool hasTable, out int count)
    {
        int sizeFormat = (left[0] >> 2) & 3;
        (int headerSize, int sizeBits) = sizeFormat switch { 2 => (4, 14), 3 => (5, 18), _ => (3, 10) };
        count = 0;
        if (left.Length < headerSize)
        {
            return false;
        }

        ulong header = LittleEndian(left, headerSize) >> 4;
        count = (int)(header & ((1UL << sizeBits) - 1));
        int compressedSize = (int)(header >> sizeBits);
        left = left[headerSize..];
        if (compressedSize > left.Length || !TryRoom(count))
        {
            return false;
        }

        ReadOnlySpan<byte> compressed = left[..compressedSize];
        left = left[compressedSize..];
        if (hasTable && !HuffmanTable.TryRead(ref compressed, out _huffman!))
        {
            return false;
        }

        Span<byte> literals = _literals.AsSpan(0, count);
        return _huffman is not null && (sizeFormat == 0 ? _huffman.TryDecode(compressed, literals) : TryDecodeFour(_huffman, compressed, literals));
    }

    private static bool TryDecodeFour(HuffmanTable huffman, ReadOnlySpan<byte> left, Span<byte> literals)
    {
        const int StreamCount = 4;
        const int JumpTableSize = 6;
        int each = (literals.Length + StreamCount - 1) / StreamCount;
        if (left.Length < JumpTableSize || literals.Length < each * (StreamCount - 1))
        {
            return false;
        }

        ReadOnlySpan<byte> sizes = left[..JumpTableSize];
        left = left[JumpTableSize..];
        for (int stream = 0; stream < StreamCount; stream++)
        {
            bool isLast = stream == StreamCount - 1;
            int size = isLast ? left.Length : (int)LittleEndian(sizes[(2 * stream)..], 2);
            if (size > left.Length || !huffman.TryDecode(left[..size], isLast ? literals : literals[..each]))
            {
                return false;
            }

            left = left[size..];
            literals = isLast ? default : literals[each..];
        }

        return true;
    }

    private bool TryRoom(int count)
    {
        if (count > LiteralsMax)
        {
            return false;
        }

        if (_literals.Length < count)
        {
            _literals = new byte[Math.Max(count, Math.Min(LiteralsMax, 2 * _literals.Length))];
        }

        return true;
    }

    private static ulong LittleEndian(ReadOnlySpan<byte> bytes, int count)
    {
        ulong value = 0;
        for (int index = 0; index < count; index++)
        {
            value |= (ulong)bytes[index] << (8 * index);
        }

        return value;
    }
}
