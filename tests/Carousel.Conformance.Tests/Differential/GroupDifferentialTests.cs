using Carousel.Conformance.Tests.Brokers;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>The classic group protocol, one request after another, and the offsets that groups keep.</summary>
public sealed class GroupDifferentialTests(SharedBrokers brokers) : DifferentialTest(brokers)
{
    private const int SessionTimeoutMs = 30_000;

    [Fact]
    public Task A_member_joins_syncs_beats_and_leaves() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<JoinGroupRequest>())
        {
            var group = new GroupTalk(dialogue, $"{Prefix}v{version}");
            JoinGroupResponse joined = await group.JoinAsync("a newcomer", version, "");
            if (joined.ErrorCode == ErrorCode.MemberIdRequired)
            {
                joined = await group.JoinAsync("with the id it was given", version, joined.MemberId);
            }

            await group.SyncAsync("the leader's", joined.MemberId, joined.GenerationId, "assignment");
            await group.BeatAsync("the member", joined.MemberId, joined.GenerationId);
            await group.BeatAsync("another generation", joined.MemberId, joined.GenerationId + 1);
            await group.BeatAsync("a stranger", "stranger", joined.GenerationId);
            await group.SyncAsync("again", joined.MemberId, joined.GenerationId, "other");
            await group.SyncAsync("another generation", joined.MemberId, joined.GenerationId + 1, "other");
            await group.SyncAsync("a stranger", "stranger", joined.GenerationId, "other");
            await group.JoinAsync("a stranger", version, "stranger");
            await group.JoinAsync("another kind of group", version, "", protocolType: "connect");
            await group.JoinAsync("no protocol in common", version, "", protocol: "other");
            await group.DescribeAsync();
            await group.LeaveAsync("a stranger", "stranger");
            await group.LeaveAsync("the member", joined.MemberId);
            await group.BeatAsync("after it left", joined.MemberId, joined.GenerationId);
            await group.DescribeAsync();
        }
    });

    [Fact]
    public Task What_cannot_join_is_told_why() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<JoinGroupRequest>())
        {
            var group = new GroupTalk(dialogue, $"{Prefix}refused-v{version}");
            await group.JoinAsync("too short a session", version, "", sessionTimeoutMs: 10);
            await group.JoinAsync("too long a session", version, "", sessionTimeoutMs: int.MaxValue);
            await group.JoinAsync("a member of a group that isn't", version, "somebody");
            await new GroupTalk(dialogue, "").JoinAsync("a group without a name", version, "");
        }
    });

    [Fact]
    public Task Static_members_keep_their_place() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<JoinGroupRequest>(from: 5))
        {
            var group = new GroupTalk(dialogue, $"{Prefix}static-v{version}");
            JoinGroupResponse joined = await group.JoinAsync("an instance", version, "", instance: "one");
            await group.SyncAsync("its", joined.MemberId, joined.GenerationId, "assignment", "one");
            JoinGroupResponse again = await group.JoinAsync("the instance come back", version, "", instance: "one");
            await group.SyncAsync("after it came back", again.MemberId, again.GenerationId, "", "one");
            await group.BeatAsync("its former self", joined.MemberId, joined.GenerationId, "one");
            await group.BeatAsync("its present self", again.MemberId, again.GenerationId, "one");
            await group.CommitAsync("its former self", joined.MemberId, joined.GenerationId, 1, "one");
            await group.DescribeAsync();
            await group.LeaveAsync("an instance that isn't", "", "two");
            await group.LeaveAsync("the instance", "", "one");
        }
    });

    [Fact]
    public Task Offsets_are_committed_and_fetched_by_every_version() => CompareAsync(async dialogue =>
    {
        string topic = Prefix + "offsets";
        Guid id = await dialogue.CreateTopicAsync(topic, 3);
        foreach (short version in dialogue.Versions<OffsetCommitRequest>())
        {
            string name = $"{Prefix}commit-v{version}";
            await AskAsync("no member", name, -1, "", topic, 0, 5, "about");
            await AskAsync("no metadata", name, -1, "", topic, 1, 6, null);
            await AskAsync("long metadata", name, -1, "", topic, 1, 6, new string('m', 5_000));
            await AskAsync("a generation of nobody", name, 3, "somebody", topic, 0, 5, "");
            await AskAsync("a generation of a group that isn't", name + "-new", 3, "somebody", topic, 0, 5, "");
            await AskAsync("a partition that isn't", name, -1, "", topic, 9, 5, "");
            if (version < 10)
            {
                await AskAsync("a topic that isn't", name, -1, "", Prefix + "unknown", 0, 5, "");
            }

            await FetchAsync(name);

            Task AskAsync(string about, string group, int generation, string member, string topicName, int partition, long offset, string? metadata) =>
                dialogue.AskAsync<OffsetCommitRequest, OffsetCommitResponse>(about, version, new OffsetCommitRequest
                {
                    GroupId = group, GenerationIdOrMemberEpoch = generation, MemberId = member,
                    Topics = [new() { Name = topicName, TopicId = id, Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset, CommittedMetadata = metadata }] }],
                });
        }

        async Task FetchAsync(string group)
        {
            foreach (short version in dialogue.Versions<OffsetFetchRequest>())
            {
                await dialogue.AskAsync<OffsetFetchRequest, OffsetFetchResponse>($"two partitions of {group}", version, new OffsetFetchRequest
                {
                    GroupId = group, Topics = [new() { Name = topic, PartitionIndexes = [0, 2, 9] }],
                    Groups = [new() { GroupId = group, Topics = [new() { Name = topic, TopicId = id, PartitionIndexes = [0, 2, 9] }] }],
                });
                if (version >= 2)
                {
                    await dialogue.AskAsync<OffsetFetchRequest, OffsetFetchResponse>($"all of {group}", version, new OffsetFetchRequest
                    {
                        GroupId = group, Topics = null, Groups = [new() { GroupId = group, Topics = null }, new() { GroupId = Prefix + "nobody", Topics = null }],
                    });
                }
            }
        }
    });

    [Fact]
    public Task Groups_are_described_listed_and_deleted_by_every_version() => CompareAsync(async dialogue =>
    {
        string topic = Prefix + "of-groups";
        await dialogue.CreateTopicAsync(topic, 2);
        string[] groups = [.. Enumerable.Range(0, 3).Select(i => $"{Prefix}group-{i}")];
        foreach (string group in groups)
        {
            await dialogue.DoAsync<OffsetCommitRequest, OffsetCommitResponse>(2, new OffsetCommitRequest
            {
                GroupId = group, Topics = [new() { Name = topic, Partitions = [new() { CommittedOffset = 1, CommittedMetadata = "" }, new() { PartitionIndex = 1, CommittedOffset = 2, CommittedMetadata = "" }] }],
            });
        }

        foreach (short version in dialogue.Versions<DescribeGroupsRequest>())
        {
            await dialogue.AskAsync<DescribeGroupsRequest, DescribeGroupsResponse>(
                "one that is and one that isn't", version, new DescribeGroupsRequest { Groups = [groups[0], Prefix + "nobody"], IncludeAuthorizedOperations = version >= 3 });
        }

        foreach (short version in dialogue.Versions<ListGroupsRequest>())
        {
            ListGroupsResponse all = await dialogue.DoAsync<ListGroupsRequest, ListGroupsResponse>(version, new ListGroupsRequest { StatesFilter = version >= 4 ? ["Empty"] : [] });
            dialogue.Note($"ListGroups v{version}: {string.Join(" | ", all.Groups.Where(listed => groups.Contains(listed.GroupId)).Select(listed => $"{listed.GroupId} {listed.ProtocolType} {listed.GroupState} {listed.GroupType}").Order())}");
            if (version >= 4)
            {
                ListGroupsResponse none = await dialogue.DoAsync<ListGroupsRequest, ListGroupsResponse>(version, new ListGroupsRequest { StatesFilter = ["Dead"] });
                dialogue.Note($"ListGroups v{version}: {none.Groups.Count(listed => groups.Contains(listed.GroupId))} dead");
            }
        }

        foreach (short version in dialogue.Versions<OffsetDeleteRequest>())
        {
            await dialogue.AskAsync<OffsetDeleteRequest, OffsetDeleteResponse>("a partition", version, new OffsetDeleteRequest { GroupId = groups[1], Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = 1 }] }] });
            await dialogue.AskAsync<OffsetDeleteRequest, OffsetDeleteResponse>("of a group that isn't", version, new OffsetDeleteRequest { GroupId = Prefix + "nobody", Topics = [new() { Name = topic, Partitions = [new()] }] });
        }

        foreach (short version in dialogue.Versions<DeleteGroupsRequest>())
        {
            await dialogue.AskAsync<DeleteGroupsRequest, DeleteGroupsResponse>("one that is, one that isn't", version, new DeleteGroupsRequest { GroupsNames = [groups[version], Prefix + "nobody"] });
        }
    });

    /// <summary>One group, and who talks about it.</summary>
    private sealed class GroupTalk(Dialogue dialogue, string group)
    {
        public Task<JoinGroupResponse> JoinAsync(
            string about, short version, string member, string protocol = "range", string protocolType = "consumer", int sessionTimeoutMs = SessionTimeoutMs, string? instance = null) =>
            dialogue.AskAsync<JoinGroupRequest, JoinGroupResponse>(about, version, new JoinGroupRequest
            {
                GroupId = group, SessionTimeoutMs = sessionTimeoutMs, RebalanceTimeoutMs = 5_000, MemberId = member, GroupInstanceId = instance, ProtocolType = protocolType,
                Protocols = [new() { Name = protocol, Metadata = new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } }],
            });

        public Task SyncAsync(string about, string member, int generation, string assignment, string? instance = null)
        {
            short version = dialogue.Newest<SyncGroupRequest>();
            return dialogue.AskAsync<SyncGroupRequest, SyncGroupResponse>(about, version, new SyncGroupRequest
            {
                GroupId = group, GenerationId = generation, MemberId = member, GroupInstanceId = instance, ProtocolType = "consumer", ProtocolName = "range",
                Assignments = assignment.Length == 0 ? [] : [new() { MemberId = member, Assignment = System.Text.Encoding.UTF8.GetBytes(assignment) }],
            });
        }

        public async Task BeatAsync(string about, string member, int generation, string? instance = null)
        {
            foreach (short version in dialogue.Versions<HeartbeatRequest>(from: instance is null ? (short)0 : (short)3))
            {
                await dialogue.AskAsync<HeartbeatRequest, HeartbeatResponse>(
                    about, version, new HeartbeatRequest { GroupId = group, GenerationId = generation, MemberId = member, GroupInstanceId = instance });
            }
        }

        public Task CommitAsync(string about, string member, int generation, long offset, string? instance = null) =>
            dialogue.AskAsync<OffsetCommitRequest, OffsetCommitResponse>(about, 7, new OffsetCommitRequest
            {
                GroupId = group, GenerationIdOrMemberEpoch = generation, MemberId = member, GroupInstanceId = instance,
                Topics = [new() { Name = "any", Partitions = [new() { CommittedOffset = offset, CommittedMetadata = "" }] }],
            });

        public Task LeaveAsync(string about, string member, string? instance = null) => dialogue.AskAsync<LeaveGroupRequest, LeaveGroupResponse>(
            about, dialogue.Newest<LeaveGroupRequest>(), new LeaveGroupRequest { GroupId = group, Members = [new() { MemberId = member, GroupInstanceId = instance }] });

        public Task DescribeAsync() => dialogue.AskAsync<DescribeGroupsRequest, DescribeGroupsResponse>("the group", 4, new DescribeGroupsRequest { Groups = [group] });
    }
}
