using System.Buffers.Binary;

namespace Carousel.Wire.Records.Compression;

/// <summary>
/// Snappy, as Kafka's clients write it: either one raw block, or the frames of xerial's stream: 16 bytes of header, then blocks behind an int32 length.
/// <code>block := uncompressedLength:uvarint element*      element := tag literal | tag offset</code>
/// </summary>
internal static class SnappyDecoder
{
    private const int StreamHeaderSize = 16;

    private static ReadOnlySpan<byte> StreamMagic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    public static bool TryDecode(ReadOnlySpan<byte> compressed, DecompressedBytes output)
    {
        if (!compressed.StartsWith(StreamMagic))
        {
            return TryDecodeBlock(compressed, output);
        }

        if (compressed.Length < StreamHeaderSize)
        {
            return false;
        }

        ReadOnlySpan<byte> left = compressed[StreamHeaderSize..];
        while (!left.IsEmpty)
        {
            int length = left.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32BigEndian(left);
            if (length < 0 || length > left.Length - sizeof(int) || !TryDecodeBlock(left.Slice(sizeof(int), length), output))
            {
                return false;
            }

            left = left[(sizeof(int) + length)..];
        }

        return true;
    }

    private static bool TryDecodeBlock(ReadOnlySpan<byte> block, DecompressedBytes output)
    {
        int position = 0;
        if (!TryReadLength(block, ref position, out uint length))
        {
            return false;
        }

        int start = output.Written.Length;
        while (position < block.Length)
        {
            byte tag = block[position++];
            bool isSound = (tag & 3) == 0 ? TryLiteral(block, tag, ref position, output) : TryCopy(block, tag, ref position, output, start);
            if (!isSound)
            {
                return false;
            }
        }

        return (uint)(output.Written.Length - start) == length;
    }

    private static bool TryLiteral(ReadOnlySpan<byte> block, byte tag, ref int position, DecompressedBytes output)
    {
        int length = tag >> 2;
        if (length >= 60)
        {
            int lengthBytes = length - 59;
            if (lengthBytes > block.Length - position)
            {
                return false;
            }

            length = 0;
            for (int index = 0; index < lengthBytes; index++)
            {
                length |= block[position++] << (8 * index);
            }
        }

        // As an unsigned number, because four bytes may say more than an int holds.
        uint count = (uint)length + 1;
        if (count == 0 || count > (uint)(block.Length - position) || !output.TryWrite(block.Slice(position, (int)count)))
        {
            return false;
        }

        position += (int)count;
        return true;
    }

    private static bool TryCopy(ReadOnlySpan<byte> block, byte tag, ref int position, DecompressedBytes output, int start)
    {
        int offsetBytes = (tag & 3) switch { 1 => 1, 2 => 2, _ => 4 };
        if (offsetBytes > block.Length - position)
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = block.Slice(position, offsetBytes);
        position += offsetBytes;
        (int count, int distance) = offsetBytes switch
        {
            1 => (((tag >> 2) & 7) + 4, ((tag >> 5) << 8) | bytes[0]),
            2 => ((tag >> 2) + 1, BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
            _ => ((tag >> 2) + 1, BinaryPrimitives.ReadInt32LittleEndian(bytes)),
        };

        // A block refers to itself only.
        return distance <= output.Written.Length - start && output.TryCopy(distance, count);
    }

    private static bool TryReadLength(ReadOnlySpan<byte> block, ref int position, out uint length)
    {
        length = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            if (position >= block.Length)
            {
                return false;
            }

            byte next = block[position++];
            length |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
