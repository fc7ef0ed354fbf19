using System.Buffers;
using System.Numerics;
using System.Text;
using Avro;

namespace Carousel.Orders.Avro;

/// <summary>
/// Writes Avro's binary encoding (Avro 1.12 specification, "Binary Encoding") into a rented buffer, behind room for the wire format's header. What doesn't
/// fit its type is an <see cref="AvroException"/>. Not thread-safe; one per value.
/// </summary>
internal sealed class BufferEncoder : IDisposable
{
    private const int LongBytesMax = 10;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _position = WireFormat.HeaderBytes;

    /// <summary>Zig-zag, least significant 7 bits first.</summary>
    public void WriteLong(long value)
    {
        Reserve(LongBytesMax);
        ulong encoded = (ulong)(value << 1) ^ (ulong)(value >> 63);
        for (; encoded >= 0x80; encoded >>= 7)
        {
            _buffer[_position++] = (byte)(encoded | 0x80);
        }

        _buffer[_position++] = (byte)encoded;
    }

    public void WriteString(string? value, string field)
    {
        if (value is null)
        {
            throw new AvroException($"{field} must have a value, found null");
        }

        int length = Encoding.UTF8.GetByteCount(value);
        WriteLong(length);
        Reserve(length);
        _position += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_position));
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteLong(value.Length);
        Reserve(value.Length);
        value.CopyTo(_buffer.AsSpan(_position));
        _position += value.Length;
    }

    /// <summary>A union of null and bytes.</summary>
    public void WriteNullable(byte[]? value)
    {
        WriteLong(value is null ? 0 : 1);
        if (value is not null)
        {
            WriteBytes(value);
        }
    }

    /// <summary>A union of null and string.</summary>
    public void WriteNullable(string? value, string field)
    {
        WriteLong(value is null ? 0 : 1);
        if (value is not null)
        {
            WriteString(value, field);
        }
    }

    /// <summary>Gives the decimal exactly the scale and precision that the schema wants, and refuses one that would lose digits.</summary>
    /// <remarks>Bytes of the unscaled value in two's complement, most significant first, as few as hold it.</remarks>
    public void WriteDecimal(decimal value, string field, int scale)
    {
        decimal scaled = value * AvroFields.Pow10(scale);
        if (!decimal.IsInteger(scaled) || Math.Abs(scaled) > AvroFields.UnscaledMax)
        {
            throw new AvroException($"{field} must have at most {scale} decimals and 18 digits, found {value}");
        }

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        long unscaled = (long)scaled;
        int length = sizeof(long) - ((BitOperations.LeadingZeroCount((ulong)(unscaled < 0 ? ~unscaled : unscaled)) - 1) / 8);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, unscaled);
        WriteBytes(bytes[^length..]);
    }

    /// <summary>timestamp-micros; what is finer is cut off.</summary>
    public void WriteMicroseconds(DateTime time) => WriteLong((time.ToUniversalTime() - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>timestamp-millis; what is finer is cut off.</summary>
    public void WriteMilliseconds(DateTime time) => WriteLong((time.ToUniversalTime() - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond);

    /// <summary>The value in wire format; the caller owns the array.</summary>
    public byte[] ToValue(int schemaId)
    {
        WireFormat.WriteHeader(_buffer, schemaId);
        return _buffer.AsSpan(0, _position).ToArray();
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Reserve(int length)
    {
        if (_buffer.Length - _position >= length)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _buffer.Length, _position + length));
        _buffer.AsSpan(0, _position).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
