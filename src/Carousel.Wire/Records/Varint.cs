namespace Carousel.Wire.Records;

/// <summary>Zigzag variable-length integers as records use them (Kafka's <c>ByteUtils</c>): 7 bits a byte, low ones first.</summary>
internal static class Varint
{
    /// <summary>Reads at <paramref name="position"/> and moves it on. False if the bytes end first or the number has more than 32 bits.</summary>
    public static bool TryReadInt32(ReadOnlySpan<byte> bytes, ref int position, out int value)
    {
        bool isRead = TryRead(bytes, ref position, bitsMax: 32, out ulong raw);
        value = (int)((uint)raw >> 1) ^ -(int)((uint)raw & 1);
        return isRead;
    }

    /// <inheritdoc cref="TryReadInt32"/>
    public static bool TryReadInt64(ReadOnlySpan<byte> bytes, ref int position, out long value)
    {
        bool isRead = TryRead(bytes, ref position, bitsMax: 64, out ulong raw);
        value = (long)(raw >> 1) ^ -(long)(raw & 1);
        return isRead;
    }

    public static int Write(Span<byte> bytes, long value)
    {
        ulong raw = (ulong)((value << 1) ^ (value >> 63));
        int written = 0;
        while (raw >= 0x80)
        {
            bytes[written++] = (byte)(raw | 0x80);
            raw >>= 7;
        }

        bytes[written++] = (byte)raw;
        return written;
    }

    public static int SizeOf(long value)
    {
        ulong raw = (ulong)((value << 1) ^ (value >> 63));
        return ((63 - System.Numerics.BitOperations.LeadingZeroCount(raw | 1)) / 7) + 1;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, ref int position, int bitsMax, out ulong raw)
    {
        raw = 0;
        for (int shift = 0; shift < bitsMax; shift += 7)
        {
            if ((uint)position >= (uint)bytes.Length)
            {
                return false;
            }

            byte next = bytes[position++];
            raw |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                // The last byte may carry only the bits that are left.
                return shift + 7 <= bitsMax || next >> (bitsMax - shift) == 0;
            }
        }

        return false;
    }
}
