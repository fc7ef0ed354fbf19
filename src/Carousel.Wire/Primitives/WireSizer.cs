using System.Collections.Concurrent;
using System.Numerics;
using System.Text;

namespace Carousel.Wire;

/// <summary>Counts the bytes that a message takes, so that it can be written behind its length in one go.</summary>
public struct WireSizer(bool isFlexible) : IFieldVisitor
{
    private readonly bool _isFlexible = isFlexible;

    public int Size { get; private set; }

    /// <summary>The bytes of the message as <see cref="WireWriter"/> writes it.</summary>
    public static int SizeOf<T>(T message, bool isFlexible, short version)
        where T : class, IMessage
    {
        var sizer = new WireSizer(isFlexible);
        message.Visit(ref sizer, version);
        return sizer.Size;
    }

    /// <summary>The least that a structure can take: with empty strings and arrays, and nulls where they may be.</summary>
    internal static int LeastSize<T>(bool isFlexible, short version)
        where T : class, IMessage, new() => Least<T>.Sizes.GetOrAdd((isFlexible, version), static key => SizeOf(new T(), key.Item1, key.Item2));

    public static int UnsignedVarIntSize(uint value) => (BitOperations.Log2(value | 1) / 7) + 1;

    public bool Boolean(string name, bool value) => Add(1, value);

    public sbyte Int8(string name, sbyte value) => Add(1, value);

    public short Int16(string name, short value) => Add(sizeof(short), value);

    public ushort UInt16(string name, ushort value) => Add(sizeof(ushort), value);

    public int Int32(string name, int value) => Add(sizeof(int), value);

    public long Int64(string name, long value) => Add(sizeof(long), value);

    public double Float64(string name, double value) => Add(sizeof(double), value);

    public Guid Uuid(string name, Guid value) => Add(16, value);

    public string String(string name, string value) => NullableString(name, value)!;

    public string? NullableString(string name, string? value)
    {
        int length = value is null ? 0 : Encoding.UTF8.GetByteCount(value);
        return Add((_isFlexible ? CompactSize(value is null ? -1 : length) : sizeof(short)) + length, value);
    }

    public ReadOnlyMemory<byte> Bytes(string name, ReadOnlyMemory<byte> value) => Add(LengthSize(value.Length) + value.Length, value);

    public ReadOnlyMemory<byte>? NullableBytes(string name, ReadOnlyMemory<byte>? value) => Add(LengthSize(value?.Length ?? -1) + (value?.Length ?? 0), value);

    public ReadOnlyMemory<byte> Records(string name, ReadOnlyMemory<byte> value) => Bytes(name, value);

    public T Struct<T>(string name, T value, short version)
        where T : class, IMessage, new()
    {
        value.Visit(ref this, version);
        return value;
    }

    public T? NullableStruct<T>(string name, T? value, short version)
        where T : class, IMessage, new()
    {
        Add(1, value);
        value?.Visit(ref this, version);
        return value;
    }

    public T[] Array<T>(string name, T[] value, short version)
        where T : class, IMessage, new() => NullableArray(name, value, version)!;

    public T[]? NullableArray<T>(string name, T[]? value, short version)
        where T : class, IMessage, new()
    {
        Add(LengthSize(value?.Length ?? -1), value);
        foreach (T item in value ?? [])
        {
            item.Visit(ref this, version);
        }

        return value;
    }

    public sbyte[] Int8Array(string name, sbyte[] value) => Add(LengthSize(value.Length) + value.Length, value);

    public int[] Int32Array(string name, int[] value) => NullableInt32Array(name, value)!;

    public int[]? NullableInt32Array(string name, int[]? value) => Add(LengthSize(value?.Length ?? -1) + (sizeof(int) * (value?.Length ?? 0)), value);

    public long[] Int64Array(string name, long[] value) => Add(LengthSize(value.Length) + (sizeof(long) * value.Length), value);

    public string[] StringArray(string name, string[] value) => NullableStringArray(name, value)!;

    public string[]? NullableStringArray(string name, string[]? value)
    {
        Add(LengthSize(value?.Length ?? -1), value);
        foreach (string item in value ?? [])
        {
            String(name, item);
        }

        return value;
    }

    public Guid[] UuidArray(string name, Guid[] value) => Add(LengthSize(value.Length) + (16 * value.Length), value);

    public void EndStruct<T>(T message, short version)
        where T : class, IMessage
    {
        if (!_isFlexible)
        {
            return;
        }

        uint tags = message is ITaggedMessage tagged ? tagged.TagsSet(version) : 0;
        Size += UnsignedVarIntSize((uint)BitOperations.PopCount(tags));
        for (; tags != 0; tags &= tags - 1)
        {
            int tag = BitOperations.TrailingZeroCount(tags);
            int size = TagSize((ITaggedMessage)message, version, tag);
            Size += UnsignedVarIntSize((uint)tag) + UnsignedVarIntSize((uint)size) + size;
        }
    }

    internal static int TagSize(ITaggedMessage message, short version, int tag)
    {
        var sizer = new WireSizer(isFlexible: true);
        message.VisitTag(ref sizer, version, tag);
        return sizer.Size;
    }

    private static int CompactSize(int length) => UnsignedVarIntSize((uint)(length + 1));

    private readonly int LengthSize(int length) => _isFlexible ? CompactSize(length) : sizeof(int);

    private T Add<T>(int bytes, T value)
    {
        Size += bytes;
        return value;
    }

    private static class Least<T>
    {
        public static readonly ConcurrentDictionary<(bool, short), int> Sizes = new();
    }
}
