using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Avro;

namespace Carousel.Orders.Avro;

/// <summary>
/// Reads Avro's binary encoding (Avro 1.12 specification, "Binary Encoding") from memory, and believes no length: every string, byte field and
/// array or map count is held against the bytes that are left before anything is allocated, so a value costs no more than its own size.
/// A count of items that take no bytes (an array of nulls) is bounded the same way. Not thread-safe; one per value.
/// </summary>
/// <remarks>Every refusal is an <see cref="AvroException"/> that says where and what.</remarks>
internal sealed class BoundedDecoder(ReadOnlyMemory<byte> body) : global::Avro.IO.Decoder
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private int _position;

    public int BytesLeft => body.Length - _position;

    public void ReadNull()
    {
        // Null takes no bytes.
    }

    public bool ReadBoolean() => Take(1)[0] switch
    {
        0 => false,
        1 => true,
        byte other => throw Refuse($"a boolean must be 0 or 1, found {other}"),
    };

    public int ReadInt()
    {
        long value = ReadLong();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Refuse($"an int must fit 32 bits, found {value}");
    }

    /// <summary>Zig-zag, least significant 7 bits first, at most 10 bytes.</summary>
    public long ReadLong()
    {
        ulong encoded = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Take(1)[0];
            if (shift == 63 && next > 1)
            {
                break;
            }

            encoded |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)(encoded >> 1) ^ -(long)(encoded & 1);
            }
        }

        throw Refuse("a number takes more than 64 bits");
    }

    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    public byte[] ReadBytes() => Take(ReadLength("bytes")).ToArray();

    public string ReadString()
    {
        ReadOnlySpan<byte> utf8 = Take(ReadLength("a string"));
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw Refuse("a string isn't UTF-8");
        }
    }

    public int ReadEnum() => ReadInt();

    /// <summary>Of a union whose first branch is null and whose second follows where it isn't.</summary>
    public bool ReadIsNull() => ReadUnionIndex() switch
    {
        0 => true,
        1 => false,
        int other => throw Refuse($"a union of two has no branch {other}"),
    };

    /// <summary>Unscaled in two's complement, most significant byte first; 18 digits at most.</summary>
    public decimal ReadDecimal(string field, int scale)
    {
        ReadOnlySpan<byte> bytes = Take(ReadLength("bytes"));
        if (bytes.Length > sizeof(long))
        {
            return AvroFields.ToDecimal(new BigInteger(bytes, isBigEndian: true), field, scale);
        }

        long unscaled = bytes.Length > 0 && (sbyte)bytes[0] < 0 ? -1 : 0;
        foreach (byte next in bytes)
        {
            unscaled = (unscaled << 8) | next;
        }

        return AvroFields.ToDecimal(unscaled, field, scale);
    }

    /// <summary>timestamp-micros, UTC.</summary>
    public DateTime ReadMicroseconds() => DateTime.UnixEpoch.AddTicks(checked(ReadLong() * TimeSpan.TicksPerMicrosecond));

    /// <summary>timestamp-millis, UTC.</summary>
    public DateTime ReadMilliseconds() => DateTime.UnixEpoch.AddTicks(checked(ReadLong() * TimeSpan.TicksPerMillisecond));

    public long ReadArrayStart() => ReadCount("an array");

    public long ReadArrayNext() => ReadCount("an array");

    public long ReadMapStart() => ReadCount("a map");

    public long ReadMapNext() => ReadCount("a map");

    public int ReadUnionIndex() => ReadInt();

    public void ReadFixed(byte[] buffer) => ReadFixed(buffer, 0, buffer.Length);

    public void ReadFixed(byte[] buffer, int start, int length) => Take(length).CopyTo(buffer.AsSpan(start, length));

    public void SkipNull() => ReadNull();

    public void SkipBoolean() => ReadBoolean();

    public void SkipInt() => ReadInt();

    public void SkipLong() => ReadLong();

    public void SkipFloat() => Take(sizeof(float));

    public void SkipDouble() => Take(sizeof(double));

    public void SkipBytes() => Take(ReadLength("bytes"));

    public void SkipString() => Take(ReadLength("a string"));

    public void SkipEnum() => ReadEnum();

    public void SkipUnionIndex() => ReadUnionIndex();

    public void SkipFixed(int len) => Take(len);

    private int ReadLength(string what)
    {
        long length = ReadLong();
        return length >= 0 && length <= BytesLeft
            ? (int)length
            : throw Refuse($"{what} claims {length} bytes where {BytesLeft} are left");
    }

    /// <summary>A negative count is followed by the block's size in bytes, which only a skipping reader needs.</summary>
    private long ReadCount(string what)
    {
        long count = ReadLong();
        if (count < 0)
        {
            long size = ReadLong();
            if (size < 0 || size > BytesLeft || count == long.MinValue)
            {
                throw Refuse($"{what} claims a block of {size} bytes where {BytesLeft} are left");
            }

            count = -count;
        }

        return count <= BytesLeft ? count : throw Refuse($"{what} claims {count} items where {BytesLeft} bytes are left");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > BytesLeft)
        {
            throw Refuse($"{length} bytes are wanted where {BytesLeft} are left");
        }

        ReadOnlySpan<byte> taken = body.Span.Slice(_position, length);
        _position += length;
        return taken;
    }

    private AvroException Refuse(string what) => new($"at byte {_position} of {body.Length}: {what}");
}
