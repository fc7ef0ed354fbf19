using System.Buffers;
using System.Buffers.Binary;
using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>
/// What stands in __consumer_offsets (Kafka's <c>GroupCoordinatorRecordHelpers</c>): a key is <c>type INT16 body</c>, where the types 0 and 1 are committed
/// offsets and 2 is a group; a value is <c>version INT16 body</c>. Written are the versions that Kafka 4.2 writes: offsets 4, or 1 where the client said how
/// long to keep them, and groups 3. All versions that there ever were are read.
/// </summary>
internal static class GroupRecords
{
    private const short OffsetKeyType = 1;
    private const short GroupKeyType = 2;
    private const short OffsetValueVersion = 4;
    private const short OffsetValueVersionWithExpiry = 1;
    private const short OffsetValueFlexibleFrom = 4;
    private const short OffsetValueVersionMax = 4;
    private const short GroupValueVersion = 3;
    private const short GroupValueFlexibleFrom = 4;
    private const short GroupValueVersionMax = 4;

    public static StateRecord Offset(string groupId, TopicPartition partition, CommittedOffset offset)
    {
        var value = new OffsetCommitValue
        {
            Offset = offset.Offset,
            LeaderEpoch = offset.LeaderEpoch,
            Metadata = offset.Metadata,
            CommitTimestamp = offset.CommitTimestamp,
            ExpireTimestamp = offset.ExpireTimestamp ?? -1,
            TopicId = offset.TopicId,
        };
        short version = offset.ExpireTimestamp is null ? OffsetValueVersion : OffsetValueVersionWithExpiry;
        return new(OffsetKey(groupId, partition), Write(version, value, version >= OffsetValueFlexibleFrom, version));
    }

    public static StateRecord OffsetTombstone(string groupId, TopicPartition partition) => new(OffsetKey(groupId, partition), null);

    /// <summary>The group as it is, with what is assigned to its members.</summary>
    /// <param name="assignments">By member id; empty for a member that isn't in it.</param>
    public static StateRecord Group(Group group, IReadOnlyDictionary<string, byte[]> assignments)
    {
        var value = new GroupMetadataValue
        {
            ProtocolType = group.ProtocolType ?? "",
            Generation = group.Generation,
            Protocol = group.ProtocolName,
            Leader = group.LeaderId,
            CurrentStateTimestamp = group.StateTimestamp ?? -1,
            Members = [.. group.Members.All.Select(member => Member(member, group.ProtocolName!, assignments))],
        };
        return new(GroupKey(group.Id), Write(GroupValueVersion, value, isFlexible: false, GroupValueVersion));
    }

    public static StateRecord GroupTombstone(string groupId) => new(GroupKey(groupId), null);

    /// <summary>Whose record it is. False for types that the broker doesn't write, such as those of KIP-848's groups.</summary>
    public static bool TryReadKey(ReadOnlyMemory<byte> key, out string groupId, out TopicPartition? partition)
    {
        (groupId, partition) = ("", null);
        if (key.Length < sizeof(short))
        {
            return false;
        }

        short type = BinaryPrimitives.ReadInt16BigEndian(key.Span);
        ReadOnlyMemory<byte> body = key[sizeof(short)..];
        switch (type)
        {
            case 0 or OffsetKeyType:
                OffsetCommitKey offsetKey = WireReader.Read<OffsetCommitKey>(body, isFlexible: false, version: 0);
                (groupId, partition) = (offsetKey.Group, new TopicPartition(offsetKey.Topic, offsetKey.Partition));
                return true;
            case GroupKeyType:
                groupId = WireReader.Read<GroupMetadataKey>(body, isFlexible: false, version: 0).Group;
                return true;
            default:
                return false;
        }
    }

    /// <exception cref="WireFormatException"/>
    public static CommittedOffset ReadOffset(ReadOnlyMemory<byte> value, long recordOffset)
    {
        OffsetCommitValue read = Read<OffsetCommitValue>(value, OffsetValueFlexibleFrom, OffsetValueVersionMax);
        long? expires = read.ExpireTimestamp == -1 ? null : read.ExpireTimestamp;
        return new(read.TopicId, read.Offset, read.LeaderEpoch, read.Metadata, read.CommitTimestamp, expires) { RecordOffset = recordOffset };
    }

    /// <exception cref="WireFormatException"/>
    public static GroupMetadataValue ReadGroup(ReadOnlyMemory<byte> value) =>
        Read<GroupMetadataValue>(value, GroupValueFlexibleFrom, GroupValueVersionMax);

    private static byte[] OffsetKey(string groupId, TopicPartition partition) =>
        Write(OffsetKeyType, new OffsetCommitKey { Group = groupId, Topic = partition.Topic, Partition = partition.Partition }, isFlexible: false, version: 0);

    private static byte[] GroupKey(string groupId) => Write(GroupKeyType, new GroupMetadataKey { Group = groupId }, isFlexible: false, version: 0);

    private static GroupMetadataValue.MemberMetadata Member(GroupMember member, string protocol, IReadOnlyDictionary<string, byte[]> assignments) => new()
    {
        MemberId = member.Id,
        GroupInstanceId = member.Identity.InstanceId,
        ClientId = member.Identity.ClientId,
        ClientHost = member.Identity.ClientHost,
        RebalanceTimeout = (int)member.RebalanceTimeout.TotalMilliseconds,
        SessionTimeout = (int)member.SessionTimeout.TotalMilliseconds,
        Subscription = member.MetadataOf(protocol),
        Assignment = assignments.GetValueOrDefault(member.Id) ?? [],
    };

    private static byte[] Write<T>(short prefix, T message, bool isFlexible, short version)
        where T : class, IMessage
    {
        var bytes = new ArrayBufferWriter<byte>();
        BinaryPrimitives.WriteInt16BigEndian(bytes.GetSpan(sizeof(short)), prefix);
        bytes.Advance(sizeof(short));
        WireWriter.Write(bytes, message, isFlexible, version);
        return bytes.WrittenSpan.ToArray();
    }

    private static T Read<T>(ReadOnlyMemory<byte> value, short flexibleFrom, short versionMax)
        where T : class, IMessage, new()
    {
        short version = value.Length < sizeof(short) ? (short)-1 : BinaryPrimitives.ReadInt16BigEndian(value.Span);
        if (version < 0 || version > versionMax)
        {
            throw new WireFormatException($"Version {version} of {typeof(T).Name} isn't known; the highest is {versionMax}.");
        }

        return WireReader.Read<T>(value[sizeof(short)..], version >= flexibleFrom, version);
    }
}
