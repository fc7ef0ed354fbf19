using Carousel.Broker.Groups;
using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Groups;

/// <summary>The bytes of records in __consumer_offsets. Those of "tellers" were written by Kafka 4.2.0, for a Java consumer that joined, committed and left.</summary>
public sealed class GroupRecordsTests : IDisposable
{
    private const string GroupKey = "0002" + "000774656c6c657273";
    private const string OffsetKey = "0001" + "000774656c6c657273" + "00066f7264657273" + "00000000";
    private const string MemberId = "c1-82990674-2c69-4dd0-bcf9-7639f0d098fd";
    private const string MemberIdBytes = "002763312d38323939303637342d326336392d346464302d626366392d373633396630643039386664";
    private const string Subscription = "00030000000100066f7264657273ffffffff00000000ffffffffffff";
    private const string Assignment = "00030000000100066f72646572730000000100000000ffffffff";
    private const string StableValue =
        "0003" + "0008636f6e73756d6572" + "00000001" + "000572616e6765" + MemberIdBytes + "000001a212d7f3a1" + "00000001"
        + MemberIdBytes + "ffff" + "00026331" + "000a2f3132372e302e302e31" + "000493e0" + "0000afc8" + "0000001c" + Subscription + "0000001a" + Assignment;
    private const string EmptyValue = "0003" + "0008636f6e73756d6572" + "00000002" + "ffff" + "ffff" + "000001a212d7f756" + "00000000";
    private const string OffsetValue = "0004" + "0000000000000001" + "00000000" + "01" + "000001a212d7f73d" + "00";

    private static readonly TopicPartition Orders = new("orders", 0);

    private readonly DeadlineQueue _deadlines = new(TimeProvider.System);

    public void Dispose() => _deadlines.Dispose();

    [Fact]
    public void A_stable_group_is_written_as_Kafka_writes_it()
    {
        Group group = Make(0x1a212d7f3a1, generation: 0);
        var member = new GroupMember(
            new MemberIdentity(MemberId, null, "c1", "/127.0.0.1"), "consumer", [new("range", Convert.FromHexString(Subscription))], Never())
        {
            SessionTimeout = TimeSpan.FromSeconds(45),
            RebalanceTimeout = TimeSpan.FromMinutes(5),
        };
        group.Add(member);
        group.MoveTo(GroupState.PreparingRebalance, 0);
        group.StartGeneration(0x1a212d7f3a1);

        StateRecord record = GroupRecords.Group(group, new Dictionary<string, byte[]> { [MemberId] = Convert.FromHexString(Assignment) });

        Assert.Equal(GroupKey, Hex(record.Key));
        Assert.Equal(StableValue, Hex(record.Value!));
        Assert.Equal(["orders"], group.SubscribedTopics!);
    }

    [Fact]
    public void An_empty_group_is_written_as_Kafka_writes_it()
    {
        Group group = Make(0x1a212d7f756, generation: 2);

        StateRecord record = GroupRecords.Group(group, new Dictionary<string, byte[]>());

        Assert.Equal((GroupKey, EmptyValue), (Hex(record.Key), Hex(record.Value!)));
    }

    [Fact]
    public void An_offset_is_written_as_Kafka_writes_it()
    {
        StateRecord record = GroupRecords.Offset("tellers", Orders, new CommittedOffset(default, 1, 0, "", 0x1a212d7f73d));

        Assert.Equal((OffsetKey, OffsetValue), (Hex(record.Key), Hex(record.Value!)));
    }

    [Fact]
    public void An_offset_that_was_committed_by_topic_id_carries_it_as_a_tagged_field()
    {
        var topicId = new Guid("01234567-89ab-cdef-0123-456789abcdef");
        StateRecord record = GroupRecords.Offset("tellers", Orders, new CommittedOffset(topicId, 258, -1, "m", 0x1a212d7f73d));

        Assert.Equal(
            "0004" + "0000000000000102" + "ffffffff" + "026d" + "000001a212d7f73d" + "01" + "00" + "10" + "0123456789abcdef0123456789abcdef",
            Hex(record.Value!));
        Assert.Equal(topicId, GroupRecords.ReadOffset(record.Value, 0).TopicId);
    }

    [Fact]
    public void An_offset_whose_client_said_how_long_to_keep_it_has_the_version_that_can_say_so()
    {
        StateRecord record = GroupRecords.Offset("tellers", Orders, new CommittedOffset(default, 258, 7, "m", 1, ExpireTimestamp: 2));

        Assert.Equal("0001" + "0000000000000102" + "00016d" + "0000000000000001" + "0000000000000002", Hex(record.Value!));
        Assert.Equal(2, GroupRecords.ReadOffset(record.Value, 0).ExpireTimestamp);
    }

    [Fact]
    public void Tombstones_are_keys_alone()
    {
        Assert.Equal(GroupKey, Hex(GroupRecords.GroupTombstone("tellers").Key));
        Assert.Equal(OffsetKey, Hex(GroupRecords.OffsetTombstone("tellers", Orders).Key));
        Assert.Null(GroupRecords.GroupTombstone("tellers").Value);
        Assert.Null(GroupRecords.OffsetTombstone("tellers", Orders).Value);
    }

    [Theory]
    [InlineData("0000" + "000774656c6c657273" + "00066f7264657273" + "00000000", "orders-0")]
    [InlineData(OffsetKey, "orders-0")]
    [InlineData(GroupKey, null)]
    public void Keys_are_read(string key, string? partition)
    {
        Assert.True(GroupRecords.TryReadKey(Convert.FromHexString(key), out string groupId, out TopicPartition? read));
        Assert.Equal(("tellers", partition), (groupId, read?.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0003" + "000774656c6c657273")]
    public void Keys_of_other_kinds_are_told_apart(string key)
    {
        Assert.False(GroupRecords.TryReadKey(Convert.FromHexString(key), out _, out _));
    }

    [Theory]
    [InlineData("0000" + "0000000000000102" + "00016d" + "0000000000000001", -1)]
    [InlineData("0001" + "0000000000000102" + "00016d" + "0000000000000001" + "ffffffffffffffff", -1)]
    [InlineData("0002" + "0000000000000102" + "00016d" + "0000000000000001", -1)]
    [InlineData("0003" + "0000000000000102" + "00000007" + "00016d" + "0000000000000001", 7)]
    [InlineData("0004" + "0000000000000102" + "00000007" + "026d" + "0000000000000001" + "00", 7)]
    public void Offsets_of_every_version_are_read(string value, int leaderEpoch)
    {
        Assert.Equal(
            new CommittedOffset(default, 258, leaderEpoch, "m", 1) { RecordOffset = 9 },
            GroupRecords.ReadOffset(Convert.FromHexString(value), recordOffset: 9));
    }

    [Theory]
    [InlineData("0000" + "000163" + "00000005" + "000172" + "00016d" + "00000001" + "00016d" + "000163" + "000168" + "00000007" + "0000000173" + "0000000161", -1, -1, null)]
    [InlineData("0001" + "000163" + "00000005" + "000172" + "00016d" + "00000001" + "00016d" + "000163" + "000168" + "00000006" + "00000007" + "0000000173" + "0000000161", -1, 6, null)]
    [InlineData("0002" + "000163" + "00000005" + "000172" + "00016d" + "0000000000000004" + "00000001" + "00016d" + "000163" + "000168" + "00000006" + "00000007" + "0000000173" + "0000000161", 4, 6, null)]
    [InlineData("0003" + "000163" + "00000005" + "000172" + "00016d" + "0000000000000004" + "00000001" + "00016d" + "000169" + "000163" + "000168" + "00000006" + "00000007" + "0000000173" + "0000000161", 4, 6, "i")]
    [InlineData("0004" + "0263" + "00000005" + "0272" + "026d" + "0000000000000004" + "02" + "026d" + "0269" + "0263" + "0268" + "00000006" + "00000007" + "0273" + "0261" + "00" + "00", 4, 6, "i")]
    public void Groups_of_every_version_are_read(string value, long stateTimestamp, int rebalanceTimeout, string? instanceId)
    {
        GroupMetadataValue group = GroupRecords.ReadGroup(Convert.FromHexString(value));

        Assert.Equal(("c", 5, "r", "m", stateTimestamp), (group.ProtocolType, group.Generation, group.Protocol, group.Leader, group.CurrentStateTimestamp));
        GroupMetadataValue.MemberMetadata member = group.Members.Single();
        Assert.Equal(("m", instanceId, "c", "h"), (member.MemberId, member.GroupInstanceId, member.ClientId, member.ClientHost));
        Assert.Equal((rebalanceTimeout, 7, "73", "61"), (member.RebalanceTimeout, member.SessionTimeout, Hex(member.Subscription.ToArray()), Hex(member.Assignment.ToArray())));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0005")]
    [InlineData("ffff")]
    [InlineData("0004" + "0000000000000102")]
    public void Values_that_nobody_wrote_are_refused(string value)
    {
        Assert.Throws<WireFormatException>(() => GroupRecords.ReadOffset(Convert.FromHexString(value), 0));
        Assert.Throws<WireFormatException>(() => GroupRecords.ReadGroup(Convert.FromHexString(value)));
    }

    private Deadline Never() => new(_deadlines, () => { });

    private Group Make(long stateTimestamp, int generation)
    {
        var group = new Group("tellers", 0, stateTimestamp) { JoinDeadline = Never(), SyncDeadline = Never() };
        group.Restore(generation, "consumer", null, null, stateTimestamp);
        return group;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
