using System.Buffers.Binary;

namespace Carousel.Wire.Records.Compression;

/// <summary>
/// Zstandard frames without a dictionary (RFC 8878). The frame's own checksum is skipped: the record batch has one over all of it.
/// <code>frame := magic descriptor window? contentSize? (blockHeader:u24 block)* checksum?</code>
/// </summary>
internal static class ZstdDecoder
{
    private const uint Magic = 0xFD2FB528;
    private const uint SkippableMagic = 0x184D2A50;
    private const int BlockHeaderSize = 3;
    private const int BlockBytesMax = 128 << 10;

    public static bool TryDecode(ReadOnlySpan<byte> compressed, DecompressedBytes output)
    {
        while (!compressed.IsEmpty)
        {
            if (compressed.Length < 8)
            {
                return false;
            }

            uint magic = BinaryPrimitives.ReadUInt32LittleEndian(compressed);
            bool isSound = (magic & ~0xFu) == SkippableMagic
                ? TryTake(ref compressed, 8L + BinaryPrimitives.ReadUInt32LittleEndian(compressed[4..]), out _)
                : magic == Magic && TryDecodeFrame(ref compressed, output);
            if (!isSound)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryDecodeFrame(ref ReadOnlySpan<byte> left, DecompressedBytes output)
    {
        byte descriptor = left[4];
        bool isSingleSegment = (descriptor & 0x20) != 0;
        bool hasDictionary = (descriptor & 0x03) != 0;
        int contentSizeBytes = (descriptor >> 6) switch { 0 => isSingleSegment ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        int headerSize = 5 + (isSingleSegment ? 0 : 1) + contentSizeBytes;
        if (hasDictionary || !TryTake(ref left, headerSize, out _))
        {
            return false;
        }

        var blocks = new ZstdBlocks(output);
        bool isLast = false;
        while (!isLast)
        {
            if (!TryTake(ref left, BlockHeaderSize, out ReadOnlySpan<byte> bytes))
            {
                return false;
            }

            int header = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
            isLast = (header & 1) != 0;
            if (!TryDecodeBlock(ref left, (header >> 1) & 3, header >> 3, blocks, output))
            {
                return false;
            }
        }

        return TryTake(ref left, (descriptor & 0x04) != 0 ? sizeof(uint) : 0, out _);
    }

    private static bool TryDecodeBlock(ref ReadOnlySpan<byte> left, int type, int size, ZstdBlocks blocks, DecompressedBytes output)
    {
        const int Raw = 0;
        const int Repeated = 1;
        const int Compressed = 2;
        if (size > BlockBytesMax || !TryTake(ref left, type == Repeated ? 1 : size, out ReadOnlySpan<byte> block))
        {
            return false;
        }

        return type switch
        {
            Raw => output.TryWrite(block),
            Repeated => output.TryWriteRepeated(block[0], size),
            Compressed => blocks.TryDecode(block),
            _ => false,
        };
    }

    private static bool TryTake(ref ReadOnlySpan<byte> left, long count, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (count > left.Length)
        {
            return false;
        }

        taken = left[..(int)count];
        left = left[(int)count..];
        return true;
    }
}
