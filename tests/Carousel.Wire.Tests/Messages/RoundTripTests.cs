namespace Carousel.Wire.Tests.Messages;

public sealed class RoundTripTests
{
    private const int InstancesPerVersion = 60;

    public static TheoryData<string> Names => [.. MessageKinds.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_written_is_read_again_and_is_as_long_as_was_counted(string name)
    {
        MessageKind kind = MessageKinds.All.Single(kind => kind.Name == name);
        foreach (short version in kind.Versions)
        {
            for (int seed = 0; seed < InstancesPerVersion; seed++)
            {
                IMessage message = kind.Random(version, new Random(seed));
                byte[] bytes = kind.Write(message, version);
                string what = $"{name} v{version}, seed {seed}\n";
                Assert.Equal(what + kind.SizeOf(message, version), what + bytes.Length);
                Assert.Equal(what + kind.Record(message, version), what + kind.Record(kind.Read(bytes, version), version));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_message_can_be_cut_short(string name)
    {
        MessageKind kind = MessageKinds.All.Single(kind => kind.Name == name);
        foreach (short version in kind.Versions)
        {
            byte[] bytes = kind.Write(kind.Random(version, new Random(version)), version);
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.Throws<WireFormatException>(() => kind.Read(bytes.AsMemory(0, length), version));
            }

            Assert.Throws<WireFormatException>(() => kind.Read((byte[])[.. bytes, 0], version));
        }
    }
}
