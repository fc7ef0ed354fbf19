using System.Buffers.Binary;

namespace Carousel.Wire.Records.Compression;

/// <summary>
/// LZ4 frames. Checksums within the frame are skipped: the record batch has one over all of it.
/// <code>frame := magic flags descriptor contentSize? dictionaryId? headerChecksum (blockSize block blockChecksum?)* 0:i32 contentChecksum?</code>
/// </summary>
internal static class Lz4Decoder
{
    private const uint Magic = 0x184D2204;
    private const uint UncompressedBit = 0x8000_0000;
    private const int ShortestMatch = 4;
    private const int MoreFollows = 15;

    public static bool TryDecode(ReadOnlySpan<byte> compressed, DecompressedBytes output)
    {
        while (!compressed.IsEmpty)
        {
            if (!TryDecodeFrame(ref compressed, output))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryDecodeFrame(ref ReadOnlySpan<byte> left, DecompressedBytes output)
    {
        if (left.Length < 7 || BinaryPrimitives.ReadUInt32LittleEndian(left) != Magic)
        {
            return false;
        }

        byte flags = left[4];
        bool hasBlockChecksum = (flags & 0x10) != 0;
        int headerSize = 7 + ((flags & 0x08) != 0 ? 8 : 0) + ((flags & 0x01) != 0 ? 4 : 0);
        if (flags >> 6 != 1 || left.Length < headerSize)
        {
            return false;
        }

        left = left[headerSize..];
        while (left.Length >= sizeof(int))
        {
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(left);
            left = left[sizeof(int)..];
            if (size == 0)
            {
                return TrySkip(ref left, (flags & 0x04) != 0 ? sizeof(int) : 0);
            }

            uint length = size & ~UncompressedBit;
            if (length > left.Length)
            {
                return false;
            }

            ReadOnlySpan<byte> block = left[..(int)length];
            left = left[(int)length..];
            bool isSound = (size & UncompressedBit) != 0 ? output.TryWrite(block) : TryDecodeBlock(block, output);
            if (!isSound || !TrySkip(ref left, hasBlockChecksum ? sizeof(int) : 0))
            {
                return false;
            }
        }

        return false;
    }

    private static bool TryDecodeBlock(ReadOnlySpan<byte> block, DecompressedBytes output)
    {
        int position = 0;
        while (position < block.Length)
        {
            byte token = block[position++];
            if (!TryReadLength(block, token >> 4, ref position, out int literals)
                || literals > block.Length - position
                || !output.TryWrite(block.Slice(position, literals)))
            {
                return false;
            }

            position += literals;
            if (position == block.Length)
            {
                // The last sequence has only literals.
                return true;
            }

            if (block.Length - position < sizeof(ushort))
            {
                return false;
            }

            int distance = BinaryPrimitives.ReadUInt16LittleEndian(block[position..]);
            position += sizeof(ushort);
            if (!TryReadLength(block, token & 0xF, ref position, out int match) || !output.TryCopy(distance, match + ShortestMatch))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> block, int first, ref int position, out int length)
    {
        length = first;
        if (first != MoreFollows)
        {
            return true;
        }

        while (position < block.Length && length < int.MaxValue - (2 * byte.MaxValue))
        {
            byte next = block[position++];
            length += next;
            if (next != byte.MaxValue)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> left, int count)
    {
        bool isThere = left.Length >= count;
        left = isThere ? left[count..] : default;
        return isThere;
    }
}
