namespace Carousel.Broker.Groups;

/// <param name="ProtocolType">Empty for a group that nobody ever joined.</param>
internal sealed record ListedGroup(string GroupId, string ProtocolType, GroupState State);

/// <param name="Protocol">How its leader assigns; empty unless it's stable.</param>
internal sealed record DescribedGroup(string GroupId, GroupState State, string ProtocolType, string Protocol, IReadOnlyList<DescribedMember> Members);

/// <param name="Metadata">What the member tells the leader; empty unless the group is stable.</param>
internal sealed record DescribedMember(MemberIdentity Identity, byte[] Metadata, byte[] Assignment);

/// <summary>Shows groups as they are to people and their tools.</summary>
internal sealed class GroupDescriptions(GroupSet groups)
{
    public IReadOnlyList<ListedGroup> List()
    {
        var list = new List<ListedGroup>();
        foreach (string groupId in groups.Ids())
        {
            using HeldGroup held = groups.Enter(groupId);
            if (held.Group is { } group)
            {
                list.Add(new(group.Id, group.ProtocolType ?? "", group.State));
            }
        }

        return list;
    }

    /// <summary>Null where there is no such group.</summary>
    public DescribedGroup? Describe(string groupId)
    {
        using HeldGroup held = groups.Enter(groupId);
        if (held.Group is not { } group)
        {
            return null;
        }

        string? protocol = group.State == GroupState.Stable ? group.ProtocolName : null;
        return new(
            group.Id,
            group.State,
            group.ProtocolType ?? "",
            protocol ?? "",
            [.. group.Members.All.Select(member => new DescribedMember(member.Identity, protocol is null ? [] : member.MetadataOf(protocol), member.Assignment))]);
    }
}
