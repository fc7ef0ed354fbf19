using System.Globalization;
using System.Text;

namespace Carousel.Wire.Tests.Messages;

/// <summary>Writes down every value of a message, so that two can be compared.</summary>
internal readonly struct FieldRecorder : IFieldVisitor
{
    private readonly StringBuilder _text = new();

    public FieldRecorder()
    {
    }

    public string Text => _text.ToString();

    public bool Boolean(string name, bool value) => Add(name, value);

    public sbyte Int8(string name, sbyte value) => Add(name, value);

    public short Int16(string name, short value) => Add(name, value);

    public ushort UInt16(string name, ushort value) => Add(name, value);

    public int Int32(string name, int value) => Add(name, value);

    public long Int64(string name, long value) => Add(name, value);

    public double Float64(string name, double value) => Add(name, value);

    public Guid Uuid(string name, Guid value) => Add(name, value);

    public string String(string name, string value) => Add(name, value);

    public string? NullableString(string name, string? value) => Add(name, value);

    public ReadOnlyMemory<byte> Bytes(string name, ReadOnlyMemory<byte> value)
    {
        Add(name, Convert.ToHexString(value.Span));
        return value;
    }

    public ReadOnlyMemory<byte>? NullableBytes(string name, ReadOnlyMemory<byte>? value)
    {
        Add(name, value is { } bytes ? Convert.ToHexString(bytes.Span) : null);
        return value;
    }

    public ReadOnlyMemory<byte> Records(string name, ReadOnlyMemory<byte> value) => Bytes(name, value);

    public T Struct<T>(string name, T value, short version)
        where T : class, IMessage, new() => NullableStruct(name, value, version)!;

    public T? NullableStruct<T>(string name, T? value, short version)
        where T : class, IMessage, new()
    {
        Add(name, value is null ? null : "{");
        FieldRecorder self = this;
        value?.Visit(ref self, version);
        return value;
    }

    public T[] Array<T>(string name, T[] value, short version)
        where T : class, IMessage, new() => NullableArray(name, value, version)!;

    public T[]? NullableArray<T>(string name, T[]? value, short version)
        where T : class, IMessage, new()
    {
        Add(name, value?.Length);
        foreach (T item in value ?? [])
        {
            Struct(name, item, version);
        }

        return value;
    }

    public sbyte[] Int8Array(string name, sbyte[] value) => Items(name, value);

    public int[] Int32Array(string name, int[] value) => Items(name, value);

    public int[]? NullableInt32Array(string name, int[]? value) => Items(name, value);

    public long[] Int64Array(string name, long[] value) => Items(name, value);

    public string[] StringArray(string name, string[] value) => Items(name, value);

    public string[]? NullableStringArray(string name, string[]? value) => Items(name, value);

    public Guid[] UuidArray(string name, Guid[] value) => Items(name, value);

    public void EndStruct<T>(T message, short version)
        where T : class, IMessage
    {
        for (int tag = 0; message is ITaggedMessage tagged && tag < 32; tag++)
        {
            if ((tagged.TagsKnown(version) & (1u << tag)) != 0)
            {
                FieldRecorder self = this;
                tagged.VisitTag(ref self, version, tag);
            }
        }
    }

    private TArray Items<TArray>(string name, TArray value)
        where TArray : class?, System.Collections.IEnumerable?
    {
        Add(name, value is null ? null : "[");
        foreach (object? item in value ?? (System.Collections.IEnumerable)System.Array.Empty<object>())
        {
            Add("", item);
        }

        return value;
    }

    private T Add<T>(string name, T value)
    {
        _text.Append(CultureInfo.InvariantCulture, $"{name}={(value is null ? "null" : $"<{value}>")}\n");
        return value;
    }
}
