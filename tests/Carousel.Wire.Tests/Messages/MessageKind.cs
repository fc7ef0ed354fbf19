using System.Buffers;

namespace Carousel.Wire.Tests.Messages;

/// <summary>A message type with the versions that it has, as tests walk over all of them.</summary>
internal abstract class MessageKind(string name, short versionMin, short versionMax, short flexibleFrom)
{
    public string Name => name;

    public short VersionMin => versionMin;

    public short VersionMax => versionMax;

    public short FlexibleFrom => flexibleFrom;

    public IEnumerable<short> Versions => Enumerable.Range(versionMin, versionMax - versionMin + 1).Select(version => (short)version);

    public bool IsFlexible(short version) => version >= flexibleFrom;

    /// <summary>The fields of the version, one a line.</summary>
    public abstract string Describe(short version);

    /// <summary>An instance with values in all the fields of the version.</summary>
    public abstract IMessage Random(short version, Random random);

    /// <exception cref="WireFormatException"/>
    public abstract IMessage Read(ReadOnlyMemory<byte> bytes, short version);

    public abstract byte[] Write(IMessage message, short version);

    public abstract int SizeOf(IMessage message, short version);

    /// <summary>All the values, one a line.</summary>
    public abstract string Record(IMessage message, short version);

    public override string ToString() => Name;
}

/// <inheritdoc/>
internal sealed class MessageKind<T>(string name, short versionMin, short versionMax, short flexibleFrom) : MessageKind(name, versionMin, versionMax, flexibleFrom)
    where T : class, IMessage, new()
{
    public override string Describe(short version)
    {
        var describer = new FieldDescriber();
        new T().Visit(ref describer, version);
        return describer.Text;
    }

    public override IMessage Random(short version, Random random)
    {
        var filler = new RandomFiller(random);
        var message = new T();
        message.Visit(ref filler, version);
        return message;
    }

    public override IMessage Read(ReadOnlyMemory<byte> bytes, short version) => WireReader.Read<T>(bytes, IsFlexible(version), version);

    public override byte[] Write(IMessage message, short version)
    {
        var output = new ArrayBufferWriter<byte>();
        WireWriter.Write(output, (T)message, IsFlexible(version), version);
        return output.WrittenSpan.ToArray();
    }

    public override int SizeOf(IMessage message, short version) => WireSizer.SizeOf((T)message, IsFlexible(version), version);

    public override string Record(IMessage message, short version)
    {
        var recorder = new FieldRecorder();
        ((T)message).Visit(ref recorder, version);
        return recorder.Text;
    }
}
