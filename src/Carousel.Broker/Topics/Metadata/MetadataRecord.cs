using System.Buffers;
using System.Buffers.Binary;
using Carousel.Broker.Topics.Configs;
using Carousel.Wire;

namespace Carousel.Broker.Topics.Metadata;

/// <summary>One fact of the catalog. A later record of the same key replaces it.</summary>
internal abstract record MetadataRecord
{
    /// <summary>A topic; without value, that it is gone for good.</summary>
    public sealed record Topic(Guid Id, TopicFacts? Facts) : MetadataRecord;

    /// <summary>What is set for a broker, by its id in digits, or for all by the empty string.</summary>
    public sealed record BrokerConfigs(string Broker, ConfigOverrides Configs) : MetadataRecord;

    /// <summary>The first producer id that was never reserved.</summary>
    public sealed record ProducerIds(long Next) : MetadataRecord;
}

/// <summary>What the log says of a topic.</summary>
internal sealed record TopicFacts(string Name, TopicState State, int PartitionCount, ConfigOverrides Configs);

/// <summary>
/// Keys and values of <c>__carousel_meta</c>: <c>key := type:i16 fields</c>, <c>value := version:i16 fields</c>, in the protocol's flexible grammar
/// (docs/formats/metadata.md).
/// </summary>
internal static class MetadataRecordCodec
{
    private const short Version = 0;

    public static (byte[] Key, byte[]? Value) Write(MetadataRecord record) => record switch
    {
        MetadataRecord.Topic topic => (
            Write((short)MetadataRecordType.Topic, new TopicKey { TopicId = topic.Id }),
            topic.Facts is not { } facts ? null : Write(Version, new TopicValue
            {
                Name = facts.Name,
                State = (sbyte)facts.State,
                PartitionCount = facts.PartitionCount,
                Configs = Entries(facts.Configs),
            })),
        MetadataRecord.BrokerConfigs broker => (
            Write((short)MetadataRecordType.BrokerConfigs, new BrokerConfigsKey { Broker = broker.Broker }),
            Write(Version, new BrokerConfigsValue { Configs = Entries(broker.Configs) })),
        MetadataRecord.ProducerIds ids => (
            Write((short)MetadataRecordType.ProducerIds, new ProducerIdsKey()), Write(Version, new ProducerIdsValue { NextProducerId = ids.Next })),
        _ => throw new InvalidOperationException($"{record.GetType().Name} has no form on disk."),
    };

    /// <param name="value">Null for a tombstone.</param>
    /// <exception cref="WireFormatException">The bytes are no record that this version knows.</exception>
    public static MetadataRecord Read(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value)
    {
        short type = ReadPrefix(key, "type of a key");
        switch ((MetadataRecordType)type)
        {
            case MetadataRecordType.Topic:
                Guid id = ReadFields<TopicKey>(key).TopicId;
                return new MetadataRecord.Topic(id, value is { } facts ? Facts(ReadValue<TopicValue>(facts)) : null);
            case MetadataRecordType.BrokerConfigs:
                string broker = ReadFields<BrokerConfigsKey>(key).Broker;
                return new MetadataRecord.BrokerConfigs(broker, value is { } configs ? Overrides(ReadValue<BrokerConfigsValue>(configs).Configs) : ConfigOverrides.None);
            case MetadataRecordType.ProducerIds:
                ReadFields<ProducerIdsKey>(key);
                return new MetadataRecord.ProducerIds(value is { } ids ? ReadValue<ProducerIdsValue>(ids).NextProducerId : 0);
            default:
                throw new WireFormatException($"A key is of type {type}, which this version doesn't know: a newer one wrote it.");
        }
    }

    private static TopicFacts Facts(TopicValue value)
    {
        if (!Enum.IsDefined((TopicState)value.State) || value.PartitionCount < 1 || TopicName.Problem(value.Name) is not null)
        {
            throw new WireFormatException($"The topic '{value.Name}' has state {value.State} and {value.PartitionCount} partitions.");
        }

        return new TopicFacts(value.Name, (TopicState)value.State, value.PartitionCount, Overrides(value.Configs));
    }

    private static ConfigOverrides Overrides(ConfigEntry[] entries) => ConfigOverrides.Of(entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Value)));

    private static ConfigEntry[] Entries(ConfigOverrides configs) => [.. configs.Values.Select(config => new ConfigEntry { Name = config.Key, Value = config.Value })];

    private static byte[] Write<T>(short prefix, T fields)
        where T : class, IMessage
    {
        var output = new ArrayBufferWriter<byte>(64);
        BinaryPrimitives.WriteInt16BigEndian(output.GetSpan(sizeof(short)), prefix);
        output.Advance(sizeof(short));
        WireWriter.Write(output, fields, isFlexible: true, Version);
        return output.WrittenSpan.ToArray();
    }

    private static T ReadValue<T>(ReadOnlyMemory<byte> value)
        where T : class, IMessage, new() =>
        ReadPrefix(value, "version of a value") == Version
            ? ReadFields<T>(value)
            : throw new WireFormatException($"A value has version {ReadPrefix(value, "")}, which this version doesn't know: a newer one wrote it.");

    private static T ReadFields<T>(ReadOnlyMemory<byte> bytes)
        where T : class, IMessage, new() => WireReader.Read<T>(bytes[sizeof(short)..], isFlexible: true, Version);

    private static short ReadPrefix(ReadOnlyMemory<byte> bytes, string what) =>
        bytes.Length >= sizeof(short)
            ? BinaryPrimitives.ReadInt16BigEndian(bytes.Span)
            : throw new WireFormatException($"The {what} needs 2 bytes, and there are {bytes.Length}.");
}
