using System.Globalization;

namespace Carousel.Wire.Tests.Messages;

/// <summary>
/// Describes the fields that a message shows: <c>Name: type = default</c>, a question mark behind the type where null is allowed, the fields of inner
/// structures indented, tagged fields at the end. <see cref="KafkaDefinitions"/> describes Kafka's definitions in the same words.
/// </summary>
internal struct FieldDescriber : IFieldVisitor
{
    private readonly List<string> _lines;
    private readonly string _indent;
    private string _tag = "";

    public FieldDescriber()
        : this([], "")
    {
    }

    private FieldDescriber(List<string> lines, string indent) => (_lines, _indent) = (lines, indent);

    public readonly string Text => string.Join('\n', _lines);

    public readonly bool Boolean(string name, bool value) => Add(name, "bool", value ? "true" : "false", value);

    public readonly sbyte Int8(string name, sbyte value) => Add(name, "int8", Number(value), value);

    public readonly short Int16(string name, short value) => Add(name, "int16", Number(value), value);

    public readonly ushort UInt16(string name, ushort value) => Add(name, "uint16", Number(value), value);

    public readonly int Int32(string name, int value) => Add(name, "int32", Number(value), value);

    public readonly long Int64(string name, long value) => Add(name, "int64", Number(value), value);

    public readonly double Float64(string name, double value) => Add(name, "float64", value.ToString(CultureInfo.InvariantCulture), value);

    public readonly Guid Uuid(string name, Guid value) => Add(name, "uuid", value == Guid.Empty ? "0" : value.ToString(), value);

    public readonly string String(string name, string value) => Add(name, "string", $"'{value}'", value);

    public readonly string? NullableString(string name, string? value) => Add(name, "string?", value is null ? "null" : $"'{value}'", value);

    public readonly ReadOnlyMemory<byte> Bytes(string name, ReadOnlyMemory<byte> value) => Add(name, "bytes", "empty", value);

    public readonly ReadOnlyMemory<byte>? NullableBytes(string name, ReadOnlyMemory<byte>? value) => Add(name, "bytes?", Emptiness(value), value);

    public readonly ReadOnlyMemory<byte> Records(string name, ReadOnlyMemory<byte> value) => Add(name, "records", "empty", value);

    public readonly T Struct<T>(string name, T value, short version)
        where T : class, IMessage, new() => Nested<T, T>(name, "struct", "none", value, version);

    public readonly T? NullableStruct<T>(string name, T? value, short version)
        where T : class, IMessage, new() => Nested<T, T?>(name, "struct?", Emptiness(value), value, version);

    public readonly T[] Array<T>(string name, T[] value, short version)
        where T : class, IMessage, new() => Nested<T, T[]>(name, "[]struct", Emptiness(value), value, version);

    public readonly T[]? NullableArray<T>(string name, T[]? value, short version)
        where T : class, IMessage, new() => Nested<T, T[]?>(name, "[]struct?", Emptiness(value), value, version);

    public readonly sbyte[] Int8Array(string name, sbyte[] value) => Add(name, "[]int8", Emptiness(value), value);

    public readonly int[] Int32Array(string name, int[] value) => Add(name, "[]int32", Emptiness(value), value);

    public readonly int[]? NullableInt32Array(string name, int[]? value) => Add(name, "[]int32?", Emptiness(value), value);

    public readonly long[] Int64Array(string name, long[] value) => Add(name, "[]int64", Emptiness(value), value);

    public readonly string[] StringArray(string name, string[] value) => Add(name, "[]string", Emptiness(value), value);

    public readonly string[]? NullableStringArray(string name, string[]? value) => Add(name, "[]string?", Emptiness(value), value);

    public readonly Guid[] UuidArray(string name, Guid[] value) => Add(name, "[]uuid", Emptiness(value), value);

    public void EndStruct<T>(T message, short version)
        where T : class, IMessage
    {
        for (int tag = 0; message is ITaggedMessage tagged && tag < 32; tag++)
        {
            if ((tagged.TagsKnown(version) & (1u << tag)) != 0)
            {
                _tag = $"tag {tag} ";
                tagged.VisitTag(ref this, version, tag);
                _tag = "";
            }
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Emptiness(object? value) => value is null ? "null" : "empty";

    private readonly TValue Nested<T, TValue>(string name, string type, string initial, TValue value, short version)
        where T : class, IMessage, new()
    {
        Add(name, type, initial, value);
        var inner = new FieldDescriber(_lines, _indent + "  ");
        new T().Visit(ref inner, version);
        return value;
    }

    private readonly T Add<T>(string name, string type, string initial, T value)
    {
        _lines.Add($"{_indent}{_tag}{name}: {type} = {initial}");
        return value;
    }
}
