using System.Globalization;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>
/// Lists a message's fields, one a line, by their path. What may differ between two brokers is left out (times, texts, addresses) or named in the order
/// of appearance (ids), so that whatever else differs shows. Elements of arrays are sorted: their order means nothing.
/// </summary>
internal sealed class FieldListing(Dictionary<string, string> names) : IFieldVisitor
{
    /// <summary>Left out: what depends on when, where and in which words.</summary>
    private static readonly HashSet<string> Free =
    [
        "ThrottleTimeMs", "ErrorMessage", "BatchIndexErrorMessage", "ClusterId", "Host", "Port", "LogAppendTimeMs", "TransactionStartTimeMs", "LastTimestamp", "Documentation",
        "LogDir", "TotalBytes", "UsableBytes", "ClientHost", "CoordinatorEpoch", "SessionId",
    ];

    /// <summary>Ids that a broker makes.</summary>
    private static readonly HashSet<string> Made = ["TopicId", "ProducerId", "MemberId", "Leader"];

    private List<string> _lines = [];
    private string _path = "";

    /// <param name="names">The ids that this broker has made so far, and what they are called; new ones are added.</param>
    public static IReadOnlyList<string> Of(IMessage message, short version, Dictionary<string, string> names)
    {
        var listing = new FieldListing(names);
        message.Visit(ref listing, version);
        return listing._lines;
    }

    public bool Boolean(string name, bool value) => Note(name, value);

    /// <summary>Kafka writes some defaults down as the cluster's or the broker's own when it is formatted: all that isn't the topic's counts as default.</summary>
    public sbyte Int8(string name, sbyte value) => name == "ConfigSource" && value is 3 or 4 ? Note(name, (sbyte)5) : Note(name, value);

    public short Int16(string name, short value) => name.EndsWith("ErrorCode", StringComparison.Ordinal) ? (short)Note(name, (ErrorCode)value) : Note(name, value);

    public ushort UInt16(string name, ushort value) => Note(name, value);

    public int Int32(string name, int value) => Note(name, value);

    public long Int64(string name, long value) => Note(name, value);

    public double Float64(string name, double value) => Note(name, value);

    public Guid Uuid(string name, Guid value) => Note(name, value);

    public string String(string name, string value) => Note(name, value);

    public string? NullableString(string name, string? value) => Note(name, value);

    public ReadOnlyMemory<byte> Bytes(string name, ReadOnlyMemory<byte> value)
    {
        Note(name, Convert.ToHexString(value.Span));
        return value;
    }

    public ReadOnlyMemory<byte>? NullableBytes(string name, ReadOnlyMemory<byte>? value)
    {
        Note(name, value is { } bytes ? Convert.ToHexString(bytes.Span) : null);
        return value;
    }

    public ReadOnlyMemory<byte> Records(string name, ReadOnlyMemory<byte> value)
    {
        foreach (string batch in BatchBytes.Describe(value))
        {
            Note(name, batch);
        }

        return value;
    }

    public T Struct<T>(string name, T value, short version)
        where T : class, IMessage, new()
    {
        _lines.AddRange(Nested(name + ".", value, version));
        return value;
    }

    public T? NullableStruct<T>(string name, T? value, short version)
        where T : class, IMessage, new() => value is null ? Note(name, value) : Struct(name, value, version);

    public T[] Array<T>(string name, T[] value, short version)
        where T : class, IMessage, new()
    {
        Note(name + ".Count", value.Length);
        _lines.AddRange(value.Select(item => Nested(name + "/", item, version)).OrderBy(lines => string.Join('\n', lines), StringComparer.Ordinal).SelectMany(lines => lines));
        return value;
    }

    public T[]? NullableArray<T>(string name, T[]? value, short version)
        where T : class, IMessage, new() => value is null ? Note(name, value) : Array(name, value, version);

    public sbyte[] Int8Array(string name, sbyte[] value) => List(name, value);

    public int[] Int32Array(string name, int[] value) => List(name, value);

    public int[]? NullableInt32Array(string name, int[]? value) => value is null ? Note(name, value) : List(name, value);

    public long[] Int64Array(string name, long[] value) => List(name, value);

    public string[] StringArray(string name, string[] value) => List(name, value);

    public string[]? NullableStringArray(string name, string[]? value) => value is null ? Note(name, value) : List(name, value);

    public Guid[] UuidArray(string name, Guid[] value) => List(name, value);

    public void EndStruct<T>(T message, short version)
        where T : class, IMessage
    {
        if (message is not ITaggedMessage tagged)
        {
            return;
        }

        uint tags = tagged.TagsSet(version);
        for (int tag = 0; tag < 32; tag++)
        {
            if ((tags & (1u << tag)) != 0)
            {
                FieldListing self = this;
                tagged.VisitTag(ref self, version, tag);
            }
        }
    }

    private List<string> Nested(string prefix, IMessage item, short version)
    {
        (List<string> lines, string path) = (_lines, _path);
        (_lines, _path) = ([], path + prefix);
        FieldListing self = this;
        item.Visit(ref self, version);
        List<string> nested = _lines;
        (_lines, _path) = (lines, path);
        return nested;
    }

    private T[] List<T>(string name, T[] value)
    {
        Note(name, string.Join(',', value.Select(item => item?.ToString()).Order(StringComparer.Ordinal)));
        return value;
    }

    private T Note<T>(string name, T value)
    {
        if (!Free.Contains(name))
        {
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{_path}{name} = {(Made.Contains(name) ? NameOf(name, value) : value is null ? "null" : value)}"));
        }

        return value;
    }

    /// <summary>Nothing and -1 are no ids. The leader of a group is one of its members, that of a partition is a node's number.</summary>
    private string NameOf<T>(string name, T value)
    {
        string text = value?.ToString() ?? "null";
        if (value is int || text is "null" or "" or "-1" || value is Guid { } guid && guid == Guid.Empty)
        {
            return text;
        }

        string kind = name == "Leader" ? "MemberId" : name;
        if (!names.TryGetValue(kind + text, out string? given))
        {
            given = $"{kind}#{names.Keys.Count(known => known.StartsWith(kind, StringComparison.Ordinal)) + 1}";
            names.Add(kind + text, given);
        }

        return given;
    }
}
