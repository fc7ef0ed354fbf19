namespace Carousel.Stages.Log.InMemory;

/// <summary>
/// One consumer group: members, who owns what, committed offsets. Guarded by the log's lock. Rebalances are cooperative: a partition that has to
/// move stays with its owner until that has let it go, and only then is given to the next. Each such step is a generation.
/// </summary>
internal sealed class InMemoryGroup(string name, Func<IEnumerable<string>, IEnumerable<SourcePartition>> partitionsOf)
{
    private readonly List<InMemoryMember> _members = [];
    private readonly Dictionary<SourcePartition, long> _offsets = [];
    private int _memberNumber;

    public int Generation { get; private set; }

    public IReadOnlyList<InMemoryMember> Members => _members;

    public InMemoryMember Join(GroupSubscription subscription)
    {
        var member = new InMemoryMember($"{name}-{++_memberNumber}", subscription);
        int former = _members.FindIndex(other => other.InstanceId is { } id && id == subscription.InstanceId);
        if (former >= 0)
        {
            // KIP-345: the newcomer has what the former one had, and the rest of the group hears nothing, unless a rebalance was under way.
            InMemoryMember fenced = _members[former];
            fenced.IsFenced = true;
            member.Owned.UnionWith(fenced.Owned);
            _members[former] = member;
            if (fenced.ToRevoke.Count > 0)
            {
                Rebalance();
            }

            return member;
        }

        _members.Add(member);
        Rebalance();
        return member;
    }

    /// <summary>The member is gone, by its own will or not; what it owned is free at once.</summary>
    public void Remove(InMemoryMember member)
    {
        if (_members.Remove(member))
        {
            Rebalance();
        }
    }

    /// <summary>The member has let go what it had to.</summary>
    public void Release(InMemoryMember member, IReadOnlyCollection<SourcePartition> partitions)
    {
        member.Owned.ExceptWith(partitions);
        member.Announced.ExceptWith(partitions);
        Rebalance();
    }

    public void Check(InMemoryMembership membership)
    {
        if (_members.All(member => member.Id != membership.MemberId))
        {
            throw new LogException($"Member {membership.MemberId} isn't in group {name} (UNKNOWN_MEMBER_ID).");
        }

        if (membership.Generation != Generation)
        {
            throw new LogException($"Group {name} is in generation {Generation}, not {membership.Generation} (ILLEGAL_GENERATION).");
        }
    }

    public long? Committed(SourcePartition partition) => _offsets.TryGetValue(partition, out long offset) ? offset : null;

    public void Commit(SourcePartition partition, long offset) => _offsets[partition] = offset;

    /// <summary>Every member keeps what it has as far as its fair share goes; the rest goes to those that have least.</summary>
    private void Rebalance()
    {
        Generation++;
        if (_members.Count == 0)
        {
            return;
        }

        SourcePartition[] partitions = [.. partitionsOf(_members.SelectMany(member => member.Topics).Distinct()).Order(PartitionOrder)];
        Dictionary<InMemoryMember, List<SourcePartition>> targets = _members.ToDictionary(member => member, _ => new List<SourcePartition>());
        int larger = partitions.Length % _members.Count;
        foreach (InMemoryMember member in _members.OrderByDescending(member => member.Owned.Count))
        {
            int share = (partitions.Length / _members.Count) + (larger-- > 0 ? 1 : 0);
            targets[member].AddRange(member.Owned.Order(PartitionOrder).Take(share));
        }

        foreach (SourcePartition partition in partitions.Except(targets.Values.SelectMany(target => target)))
        {
            targets.Where(target => target.Key.Topics.Contains(partition.Topic)).MinBy(target => target.Value.Count).Value?.Add(partition);
        }

        Assign(targets);
    }

    private void Assign(Dictionary<InMemoryMember, List<SourcePartition>> targets)
    {
        foreach ((InMemoryMember member, List<SourcePartition> target) in targets)
        {
            // What a member hasn't heard of yet can go without asking it.
            member.Owned.RemoveWhere(partition => !target.Contains(partition) && !member.Announced.Contains(partition));
            member.ToRevoke = [.. member.Owned.Except(target)];
        }

        foreach ((InMemoryMember member, List<SourcePartition> target) in targets)
        {
            member.Owned.UnionWith(target.Where(partition => !_members.Any(other => other.Owned.Contains(partition))));
        }
    }

    private static readonly Comparer<SourcePartition> PartitionOrder = Comparer<SourcePartition>.Create((a, b) =>
        a.Topic == b.Topic ? a.Partition.CompareTo(b.Partition) : string.CompareOrdinal(a.Topic, b.Topic));
}

/// <summary>One membership. Who is expelled and comes back is another member.</summary>
internal sealed class InMemoryMember(string id, GroupSubscription subscription)
{
    public string Id { get; } = id;

    public string? InstanceId { get; } = subscription.InstanceId;

    public IReadOnlyList<string> Topics { get; } = subscription.Topics;

    /// <summary>Another one came under its instance id.</summary>
    public bool IsFenced { get; set; }

    /// <summary>What the group has given it.</summary>
    public HashSet<SourcePartition> Owned { get; } = [];

    /// <summary>What its listener was told of.</summary>
    public HashSet<SourcePartition> Announced { get; } = [];

    public IReadOnlyList<SourcePartition> ToRevoke { get; set; } = [];
}

internal sealed record InMemoryMembership(InMemoryGroup Group, string MemberId, int Generation) : IGroupMembership;
