namespace Carousel.Wire.Tests.Messages;

/// <summary>Answers every field with a random value, so that a visited message is a random one.</summary>
internal readonly struct RandomFiller(Random random, int depth = 0) : IFieldVisitor
{
    private const int DepthMax = 6;
    private static readonly string[] Texts = ["", "a", "orders", "größer", "日本", "😀", new string('x', 127), new string('y', 128), new string('z', 300)];

    public bool Boolean(string name, bool value) => random.Next(2) == 1;

    public sbyte Int8(string name, sbyte value) => (sbyte)Number();

    public short Int16(string name, short value) => (short)Number();

    public ushort UInt16(string name, ushort value) => (ushort)Number();

    public int Int32(string name, int value) => (int)Number();

    public long Int64(string name, long value) => Number();

    public double Float64(string name, double value) => random.NextDouble();

    public Guid Uuid(string name, Guid value) => random.Next(4) == 0 ? default : new Guid(Blob(16).Span);

    public string String(string name, string value) => Texts[random.Next(Texts.Length)];

    public string? NullableString(string name, string? value) => IsNull() ? null : String(name, "");

    public ReadOnlyMemory<byte> Bytes(string name, ReadOnlyMemory<byte> value) => Blob(random.Next(3) switch { 0 => 0, 1 => random.Next(16), _ => random.Next(300) });

    public ReadOnlyMemory<byte>? NullableBytes(string name, ReadOnlyMemory<byte>? value) => IsNull() ? null : Bytes(name, default);

    public ReadOnlyMemory<byte> Records(string name, ReadOnlyMemory<byte> value) => Bytes(name, value);

    public T Struct<T>(string name, T value, short version)
        where T : class, IMessage, new()
    {
        var item = new T();
        var inner = new RandomFiller(random, depth + 1);
        item.Visit(ref inner, version);
        return item;
    }

    public T? NullableStruct<T>(string name, T? value, short version)
        where T : class, IMessage, new() => IsNull() ? null : Struct(name, new T(), version);

    public T[] Array<T>(string name, T[] value, short version)
        where T : class, IMessage, new()
    {
        RandomFiller self = this;
        return [.. Enumerable.Range(0, Count()).Select(_ => self.Struct(name, new T(), version))];
    }

    public T[]? NullableArray<T>(string name, T[]? value, short version)
        where T : class, IMessage, new() => IsNull() ? null : Array<T>(name, [], version);

    public sbyte[] Int8Array(string name, sbyte[] value) => Items(filler => filler.Int8(name, 0));

    public int[] Int32Array(string name, int[] value) => Items(filler => filler.Int32(name, 0));

    public int[]? NullableInt32Array(string name, int[]? value) => IsNull() ? null : Int32Array(name, []);

    public long[] Int64Array(string name, long[] value) => Items(filler => filler.Int64(name, 0));

    public string[] StringArray(string name, string[] value) => Items(filler => filler.String(name, ""));

    public string[]? NullableStringArray(string name, string[]? value) => IsNull() ? null : StringArray(name, []);

    public Guid[] UuidArray(string name, Guid[] value) => Items(filler => filler.Uuid(name, default));

    public void EndStruct<T>(T message, short version)
        where T : class, IMessage
    {
        for (int tag = 0; message is ITaggedMessage tagged && tag < 32; tag++)
        {
            if ((tagged.TagsKnown(version) & (1u << tag)) != 0 && random.Next(2) == 0)
            {
                RandomFiller self = this;
                tagged.VisitTag(ref self, version, tag);
            }
        }
    }

    private T[] Items<T>(Func<RandomFiller, T> make)
    {
        RandomFiller self = this;
        return [.. Enumerable.Range(0, Count()).Select(_ => make(self))];
    }

    private int Count() => depth >= DepthMax ? 0 : random.Next(10) == 0 ? random.Next(20) : random.Next(4);

    private bool IsNull() => random.Next(4) == 0;

    /// <summary>Small, large and the ones at the edges.</summary>
    private long Number() => random.Next(4) switch { 0 => random.Next(-2, 3), 1 => random.Next(), 2 => random.NextInt64(), _ => long.MinValue + random.Next(2) };

    private ReadOnlyMemory<byte> Blob(int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
