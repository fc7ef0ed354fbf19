using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Carousel.Wire;

/// <summary>
/// Writes messages into a buffer, in Kafka's big-endian grammar. Call <see cref="Flush"/> at the end. Record batches of some size aren't copied where the
/// output is an <see cref="IReferenceWriter"/>.
/// </summary>
public ref struct WireWriter(IBufferWriter<byte> output, bool isFlexible) : IFieldVisitor
{
    private const int ChunkBytesMin = 512;

    /// <summary>Below this a copy is cheaper than a part of its own.</summary>
    private const int ReferencedBytesMin = 1024;
    private readonly IBufferWriter<byte> _output = output;
    private readonly bool _isFlexible = isFlexible;
    private Span<byte> _span;
    private int _used;

    /// <summary>Writes the whole message.</summary>
    public static void Write<T>(IBufferWriter<byte> output, T message, bool isFlexible, short version)
        where T : class, IMessage
    {
        var writer = new WireWriter(output, isFlexible);
        message.Visit(ref writer, version);
        writer.Flush();
    }

    /// <summary>The message as bytes of its own.</summary>
    public static byte[] ToBytes<T>(T message, bool isFlexible, short version)
        where T : class, IMessage
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(1, WireSizer.SizeOf(message, isFlexible, version)));
        Write(output, message, isFlexible, version);
        return output.WrittenSpan.ToArray();
    }

    public bool Boolean(string name, bool value)
    {
        Take(1)[0] = value ? (byte)1 : (byte)0;
        return value;
    }

    public sbyte Int8(string name, sbyte value)
    {
        Take(1)[0] = (byte)value;
        return value;
    }

    public short Int16(string name, short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), value);
        return value;
    }

    public ushort UInt16(string name, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), value);
        return value;
    }

    public int Int32(string name, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), value);
        return value;
    }

    public long Int64(string name, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(Take(sizeof(long)), value);
        return value;
    }

    public double Float64(string name, double value)
    {
        BinaryPrimitives.WriteDoubleBigEndian(Take(sizeof(double)), value);
        return value;
    }

    public Guid Uuid(string name, Guid value)
    {
        value.TryWriteBytes(Take(16), bigEndian: true, out _);
        return value;
    }

    public string String(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return NullableString(name, value)!;
    }

    public string? NullableString(string name, string? value)
    {
        int length = value is null ? -1 : Encoding.UTF8.GetByteCount(value);
        if (length > short.MaxValue)
        {
            throw new ArgumentException($"{name} takes {length} bytes, more than the {short.MaxValue} that a string may have.", nameof(value));
        }

        if (_isFlexible)
        {
            UnsignedVarInt((uint)(length + 1));
        }
        else
        {
            Int16(name, (short)length);
        }

        if (length > 0)
        {
            Encoding.UTF8.GetBytes(value, Take(length));
        }

        return value;
    }

    public ReadOnlyMemory<byte> Bytes(string name, ReadOnlyMemory<byte> value)
    {
        Length(value.Length);
        Copy(value.Span);
        return value;
    }

    public ReadOnlyMemory<byte>? NullableBytes(string name, ReadOnlyMemory<byte>? value)
    {
        if (value is { } bytes)
        {
            Bytes(name, bytes);
        }
        else
        {
            Length(-1);
        }

        return value;
    }

    public ReadOnlyMemory<byte> Records(string name, ReadOnlyMemory<byte> value)
    {
        if (value.Length < ReferencedBytesMin || _output is not IReferenceWriter output)
        {
            return Bytes(name, value);
        }

        Length(value.Length);
        Flush();
        output.WriteReference(value);
        return value;
    }

    public T Struct<T>(string name, T value, short version)
        where T : class, IMessage, new()
    {
        value.Visit(ref this, version);
        return value;
    }

    public T? NullableStruct<T>(string name, T? value, short version)
        where T : class, IMessage, new()
    {
        Int8(name, (sbyte)(value is null ? -1 : 1));
        value?.Visit(ref this, version);
        return value;
    }

    public T[] Array<T>(string name, T[] value, short version)
        where T : class, IMessage, new()
    {
        Length(value.Length);
        foreach (T item in value)
        {
            item.Visit(ref this, version);
        }

        return value;
    }

    public T[]? NullableArray<T>(string name, T[]? value, short version)
        where T : class, IMessage, new()
    {
        if (value is not null)
        {
            return Array(name, value, version);
        }

        Length(-1);
        return null;
    }

    public sbyte[] Int8Array(string name, sbyte[] value)
    {
        Length(value.Length);
        foreach (sbyte item in value)
        {
            Int8(name, item);
        }

        return value;
    }

    public int[] Int32Array(string name, int[] value)
    {
        Length(value.Length);
        foreach (int item in value)
        {
            Int32(name, item);
        }

        return value;
    }

    public int[]? NullableInt32Array(string name, int[]? value)
    {
        if (value is not null)
        {
            return Int32Array(name, value);
        }

        Length(-1);
        return null;
    }

    public long[] Int64Array(string name, long[] value)
    {
        Length(value.Length);
        foreach (long item in value)
        {
            Int64(name, item);
        }

        return value;
    }

    public string[] StringArray(string name, string[] value)
    {
        Length(value.Length);
        foreach (string item in value)
        {
            String(name, item);
        }

        return value;
    }

    public string[]? NullableStringArray(string name, string[]? value)
    {
        if (value is not null)
        {
            return StringArray(name, value);
        }

        Length(-1);
        return null;
    }

    public Guid[] UuidArray(string name, Guid[] value)
    {
        Length(value.Length);
        foreach (Guid item in value)
        {
            Uuid(name, item);
        }

        return value;
    }

    public void EndStruct<T>(T message, short version)
        where T : class, IMessage
    {
        if (!_isFlexible)
        {
            return;
        }

        uint tags = message is ITaggedMessage tagged ? tagged.TagsSet(version) : 0;
        UnsignedVarInt((uint)BitOperations.PopCount(tags));
        for (; tags != 0; tags &= tags - 1)
        {
            int tag = BitOperations.TrailingZeroCount(tags);
            UnsignedVarInt((uint)tag);
            UnsignedVarInt((uint)WireSizer.TagSize((ITaggedMessage)message, version, tag));
            ((ITaggedMessage)message).VisitTag(ref this, version, tag);
        }
    }

    public void UnsignedVarInt(uint value)
    {
        while (value >= 0x80)
        {
            Take(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }

        Take(1)[0] = (byte)value;
    }

    /// <summary>Hands what was written to the output.</summary>
    public void Flush()
    {
        if (_used > 0)
        {
            _output.Advance(_used);
        }

        _span = default;
        _used = 0;
    }

    private void Length(int length)
    {
        if (_isFlexible)
        {
            UnsignedVarInt((uint)(length + 1));
        }
        else
        {
            Int32("", length);
        }
    }

    private void Copy(scoped ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_used == _span.Length)
            {
                Refill(1);
            }

            int length = Math.Min(bytes.Length, _span.Length - _used);
            bytes[..length].CopyTo(_span[_used..]);
            _used += length;
            bytes = bytes[length..];
        }
    }

    private Span<byte> Take(int length)
    {
        if (_span.Length - _used < length)
        {
            Refill(length);
        }

        Span<byte> bytes = _span.Slice(_used, length);
        _used += length;
        return bytes;
    }

    private void Refill(int length)
    {
        Flush();
        _span = _output.GetSpan(Math.Max(length, ChunkBytesMin));
    }
}
