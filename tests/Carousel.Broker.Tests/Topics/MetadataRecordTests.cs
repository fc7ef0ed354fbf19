using Carousel.Broker.Topics;
using Carousel.Broker.Topics.Configs;
using Carousel.Broker.Topics.Metadata;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Topics;

/// <summary>The bytes of docs/formats/metadata.md.</summary>
public sealed class MetadataRecordTests
{
    private static readonly Guid Id = new("00112233-4455-6677-8899-aabbccddeeff");

    public static TheoryData<string> Pinned => [.. Records.Keys];

    private static Dictionary<string, (object Record, string Key, string? Value)> Records { get; } = new()
    {
        ["a topic"] = (
            new MetadataRecord.Topic(Id, new TopicFacts("ab", TopicState.Active, 24, ConfigOverrides.Of([new("x", "1")]))),
            "0000" + "00112233445566778899aabbccddeeff" + "00",
            "0000" + "036162" + "00" + "00000018" + "02" + "0278" + "0231" + "00" + "00"),
        ["a topic on its way out"] = (
            new MetadataRecord.Topic(Id, new TopicFacts("ab", TopicState.Deleting, 1, ConfigOverrides.None)),
            "0000" + "00112233445566778899aabbccddeeff" + "00",
            "0000" + "036162" + "01" + "00000001" + "01" + "00"),
        ["a topic that is gone"] = (new MetadataRecord.Topic(Id, null), "0000" + "00112233445566778899aabbccddeeff" + "00", null),
        ["configs of one broker"] = (
            new MetadataRecord.BrokerConfigs("1", ConfigOverrides.Of([new("a", "b")])), "0001" + "0231" + "00", "0000" + "02" + "0261" + "0262" + "00" + "00"),
        ["configs of all brokers"] = (new MetadataRecord.BrokerConfigs("", ConfigOverrides.None), "0001" + "01" + "00", "0000" + "01" + "00"),
        ["producer ids"] = (new MetadataRecord.ProducerIds(1000), "0002" + "00", "0000" + "00000000000003e8" + "00"),
    };

    [Theory]
    [MemberData(nameof(Pinned))]
    public void A_record_has_its_bytes(string name)
    {
        (object record, string key, string? value) = Records[name];
        (byte[] Key, byte[]? Value) written = MetadataRecordCodec.Write((MetadataRecord)record);
        Assert.Equal(key, Convert.ToHexStringLower(written.Key));
        Assert.Equal(value, written.Value is null ? null : Convert.ToHexStringLower(written.Value));

        MetadataRecord read = Read(written.Key, written.Value);
        Assert.Equal((key, value), (Convert.ToHexStringLower(MetadataRecordCodec.Write(read).Key), Hex(MetadataRecordCodec.Write(read).Value)));
    }

    [Theory]
    [InlineData("", "The type of a key needs 2 bytes, and there are 0.")]
    [InlineData("0007", "A key is of type 7, which this version doesn't know: a newer one wrote it.")]
    [InlineData("00000011", "topic_id needs 16 bytes, and 2 are left.")]
    [InlineData("000200ff", "1 bytes follow the end of ProducerIdsKey v0.")]
    public void A_key_that_isnt_one_is_refused(string key, string reason) =>
        Assert.Equal(reason, Assert.Throws<WireFormatException>(() => Read(Convert.FromHexString(key), [0, 0])).Message);

    [Theory]
    [InlineData("0001", "A value has version 1, which this version doesn't know: a newer one wrote it.")]
    [InlineData("000003616200000000180fffffff0f", "configs claims 14 elements, for which 4 bytes are too few.")]
    [InlineData("0000036162020000001801" + "00", "The topic 'ab' has state 2 and 24 partitions.")]
    [InlineData("0000036162000000000001" + "00", "The topic 'ab' has state 0 and 0 partitions.")]
    [InlineData("00000361200000000018" + "01" + "00", "The topic 'a ' has state 0 and 24 partitions.")]
    public void A_value_that_isnt_one_is_refused(string value, string reason)
    {
        byte[] key = Convert.FromHexString("0000" + "00112233445566778899aabbccddeeff" + "00");
        Assert.Equal(reason, Assert.Throws<WireFormatException>(() => Read(key, Convert.FromHexString(value))).Message);
    }

    [Fact]
    public void No_broken_record_does_more_than_be_refused()
    {
        var random = new Random(20);
        (byte[] key, byte[]? value) = MetadataRecordCodec.Write((MetadataRecord)Records["a topic"].Record);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] broken = [.. value!];
            broken[random.Next(broken.Length)] = (byte)random.Next(256);
            try
            {
                Read(key, broken[..random.Next(broken.Length + 1)]);
            }
            catch (WireFormatException)
            {
                // That is the refusal.
            }
        }
    }

    private static MetadataRecord Read(byte[] key, byte[]? value) => MetadataRecordCodec.Read(key, value is null ? default(ReadOnlyMemory<byte>?) : value);

    private static string? Hex(byte[]? bytes) => bytes is null ? null : Convert.ToHexStringLower(bytes);
}
