using System.Buffers.Binary;
using System.Text;

namespace Carousel.Wire;

/// <summary>
/// Reads one message from one whole frame. Believes no length: each is checked against the bytes that are left before anything is allocated, and a
/// count against the least its elements can take.
/// </summary>
public ref struct WireReader(ReadOnlyMemory<byte> frame, bool isFlexible) : IFieldVisitor
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ReadOnlyMemory<byte> _frame = frame;
    private readonly ReadOnlySpan<byte> _span = frame.Span;
    private readonly bool _isFlexible = isFlexible;

    /// <summary>How many bytes have been read.</summary>
    public int Position { get; private set; }

    public readonly int Remaining => _span.Length - Position;

    /// <summary>Reads a message that fills the frame to its end.</summary>
    /// <exception cref="WireFormatException"/>
    public static T Read<T>(ReadOnlyMemory<byte> frame, bool isFlexible, short version)
        where T : class, IMessage, new()
    {
        var reader = new WireReader(frame, isFlexible);
        var message = new T();
        message.Visit(ref reader, version);
        return reader.Remaining == 0 ? message : throw new WireFormatException($"{reader.Remaining} bytes follow the end of {typeof(T).Name} v{version}.");
    }

    /// <summary>Reads the body of a request. As with Kafka, whatever follows its end is ignored.</summary>
    /// <exception cref="WireFormatException"/>
    public static T Read<T>(ReadOnlyMemory<byte> body, short version)
        where T : class, IRequest, new()
    {
        var reader = new WireReader(body, T.Api.IsFlexible(version));
        var request = new T();
        request.Visit(ref reader, version);
        return request;
    }

    public bool Boolean(string name, bool value) => Take(name, 1)[0] != 0;

    public sbyte Int8(string name, sbyte value) => (sbyte)Take(name, 1)[0];

    public short Int16(string name, short value) => BinaryPrimitives.ReadInt16BigEndian(Take(name, sizeof(short)));

    public ushort UInt16(string name, ushort value) => BinaryPrimitives.ReadUInt16BigEndian(Take(name, sizeof(ushort)));

    public int Int32(string name, int value) => BinaryPrimitives.ReadInt32BigEndian(Take(name, sizeof(int)));

    public long Int64(string name, long value) => BinaryPrimitives.ReadInt64BigEndian(Take(name, sizeof(long)));

    public double Float64(string name, double value) => BinaryPrimitives.ReadDoubleBigEndian(Take(name, sizeof(double)));

    public Guid Uuid(string name, Guid value) => new(Take(name, 16), bigEndian: true);

    public string String(string name, string value) => NullableString(name, value) ?? throw new WireFormatException($"{name} is null, and must not be.");

    public string? NullableString(string name, string? value)
    {
        int length = _isFlexible ? CompactLength(name) : Int16(name, 0);
        if (length < 0)
        {
            return length == -1 ? null : throw Invalid(name, length);
        }

        if (length > short.MaxValue)
        {
            throw new WireFormatException($"{name} has {length} bytes, more than the {short.MaxValue} that a string may have.");
        }

        try
        {
            return Utf8.GetString(Take(name, length));
        }
        catch (DecoderFallbackException)
        {
            throw new WireFormatException($"{name} isn't valid UTF-8.");
        }
    }

    public ReadOnlyMemory<byte> Bytes(string name, ReadOnlyMemory<byte> value) =>
        NullableBytes(name, value) ?? throw new WireFormatException($"{name} is null, and must not be.");

    public ReadOnlyMemory<byte>? NullableBytes(string name, ReadOnlyMemory<byte>? value)
    {
        int length = _isFlexible ? CompactLength(name) : Int32(name, 0);
        if (length < 0)
        {
            return length == -1 ? null : throw Invalid(name, length);
        }

        Take(name, length);
        return _frame.Slice(Position - length, length);
    }

    public ReadOnlyMemory<byte> Records(string name, ReadOnlyMemory<byte> value) => NullableBytes(name, value) ?? ReadOnlyMemory<byte>.Empty;

    public T Struct<T>(string name, T value, short version)
        where T : class, IMessage, new()
    {
        var item = new T();
        item.Visit(ref this, version);
        return item;
    }

    /// <summary>A signed byte tells whether the structure follows: -1 for null (Kafka's message generator).</summary>
    public T? NullableStruct<T>(string name, T? value, short version)
        where T : class, IMessage, new() => Int8(name, 0) < 0 ? null : Struct(name, new T(), version);

    public T[] Array<T>(string name, T[] value, short version)
        where T : class, IMessage, new() => NullableArray(name, value, version) ?? throw new WireFormatException($"{name} is null, and must not be.");

    public T[]? NullableArray<T>(string name, T[]? value, short version)
        where T : class, IMessage, new()
    {
        int count = Count(name, WireSizer.LeastSize<T>(_isFlexible, version));
        if (count < 0)
        {
            return null;
        }

        var items = new T[count];
        for (int i = 0; i < count; i++)
        {
            items[i] = new T();
            items[i].Visit(ref this, version);
        }

        return items;
    }

    public sbyte[] Int8Array(string name, sbyte[] value)
    {
        var items = new sbyte[RequiredCount(name, 1)];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = Int8(name, 0);
        }

        return items;
    }

    public int[] Int32Array(string name, int[] value) => NullableInt32Array(name, value) ?? throw new WireFormatException($"{name} is null, and must not be.");

    public int[]? NullableInt32Array(string name, int[]? value)
    {
        int count = Count(name, sizeof(int));
        if (count < 0)
        {
            return null;
        }

        var items = new int[count];
        for (int i = 0; i < count; i++)
        {
            items[i] = Int32(name, 0);
        }

        return items;
    }

    public long[] Int64Array(string name, long[] value)
    {
        var items = new long[RequiredCount(name, sizeof(long))];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = Int64(name, 0);
        }

        return items;
    }

    public string[] StringArray(string name, string[] value) =>
        NullableStringArray(name, value) ?? throw new WireFormatException($"{name} is null, and must not be.");

    public string[]? NullableStringArray(string name, string[]? value)
    {
        int count = Count(name, _isFlexible ? 1 : sizeof(short));
        if (count < 0)
        {
            return null;
        }

        var items = new string[count];
        for (int i = 0; i < count; i++)
        {
            items[i] = String(name, "");
        }

        return items;
    }

    public Guid[] UuidArray(string name, Guid[] value)
    {
        var items = new Guid[RequiredCount(name, 16)];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = Uuid(name, default);
        }

        return items;
    }

    /// <summary>Tagged fields: a count, then for each a tag, a size and as many bytes; an unknown tag is skipped (KIP-482).</summary>
    public void EndStruct<T>(T message, short version)
        where T : class, IMessage
    {
        if (!_isFlexible)
        {
            return;
        }

        uint count = UnsignedVarInt("the number of tagged fields");
        for (uint i = 0; i < count; i++)
        {
            uint tag = UnsignedVarInt("a tag");
            uint size = UnsignedVarInt("the size of a tagged field");
            if (size > Remaining)
            {
                throw new WireFormatException($"Tagged field {tag} claims {size} bytes, and {Remaining} are left.");
            }

            int end = Position + (int)size;
            if (message is ITaggedMessage tagged && tag < 32 && (tagged.TagsKnown(version) & (1u << (int)tag)) != 0)
            {
                tagged.VisitTag(ref this, version, (int)tag);
                if (Position != end)
                {
                    throw new WireFormatException($"Tagged field {tag} of {typeof(T).Name} doesn't fill its {size} bytes.");
                }
            }

            Position = end;
        }
    }

    /// <summary>Seven bits a byte, least significant first, at most five bytes.</summary>
    public uint UnsignedVarInt(string name)
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte next = Take(name, 1)[0];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return shift < 28 || next < 0x10 ? value : throw new WireFormatException($"{name} is a varint of more than 32 bits.");
            }
        }

        throw new WireFormatException($"{name} is a varint of more than 5 bytes.");
    }

    private static WireFormatException Invalid(string name, int length) => new($"{name} has the length {length}.");

    /// <summary>Compact lengths are one higher than the length, and 0 for null (KIP-482).</summary>
    private int CompactLength(string name)
    {
        uint raw = UnsignedVarInt(name);
        return raw <= int.MaxValue ? (int)raw - 1 : throw new WireFormatException($"{name} has the length {raw - 1}.");
    }

    private int RequiredCount(string name, int elementSizeMin)
    {
        int count = Count(name, elementSizeMin);
        return count >= 0 ? count : throw new WireFormatException($"{name} is null, and must not be.");
    }

    private int Count(string name, int elementSizeMin)
    {
        int count = _isFlexible ? CompactLength(name) : Int32(name, 0);
        if (count < -1)
        {
            throw Invalid(name, count);
        }

        return count <= Remaining / Math.Max(1, elementSizeMin)
            ? count
            : throw new WireFormatException($"{name} claims {count} elements, for which {Remaining} bytes are too few.");
    }

    private ReadOnlySpan<byte> Take(string name, int length)
    {
        if (length > Remaining)
        {
            throw new WireFormatException($"{name} needs {length} bytes, and {Remaining} are left.");
        }

        ReadOnlySpan<byte> bytes = _span.Slice(Position, length);
        Position += length;
        return bytes;
    }
}
