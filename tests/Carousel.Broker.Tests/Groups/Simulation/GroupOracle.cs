using Carousel.Broker.Groups;

namespace Carousel.Broker.Tests.Groups.Simulation;

/// <summary>
/// What must be true whatever happens: the owners of a generation share the partitions out among them, no commit of an older generation is taken after one of a
/// newer, and what a group has committed or seen never goes back. Each violation throws.
/// </summary>
internal sealed class GroupOracle
{
    private readonly Dictionary<(int Generation, int Partition), string> _owners = [];
    private readonly Dictionary<int, long> _floors = [];
    private int _newestCommitted;

    public int GenerationsSeen => _owners.Keys.Select(owned => owned.Generation).Distinct().Count();

    public int CommitsSeen { get; private set; }

    /// <summary>A member was told what it owns.</summary>
    /// <param name="owner">The instance of a static member, whose successor owns the same; the member id otherwise.</param>
    public void Assigned(int generation, string owner, IEnumerable<int> partitions)
    {
        foreach (int partition in partitions)
        {
            if (!_owners.TryAdd((generation, partition), owner) && _owners[(generation, partition)] != owner)
            {
                throw new InvalidOperationException($"Partition {partition} of generation {generation} is owned by {_owners[(generation, partition)]} and by {owner}.");
            }
        }
    }

    /// <summary>All members of a generation are stable: nothing may be left over.</summary>
    public void Settled(int generation, int partitionCount)
    {
        for (int partition = 0; partition < partitionCount; partition++)
        {
            if (!_owners.ContainsKey((generation, partition)))
            {
                throw new InvalidOperationException($"Partition {partition} of generation {generation} is nobody's.");
            }
        }
    }

    /// <summary>A commit of a member was answered without error.</summary>
    public void Committed(int generation, int partition, long offset)
    {
        if (generation < _newestCommitted)
        {
            throw new InvalidOperationException($"Generation {generation} commits after generation {_newestCommitted}.");
        }

        _newestCommitted = generation;
        CommitsSeen++;
        Seen(partition, offset);
    }

    /// <summary>Somebody was told what is committed.</summary>
    public void Seen(int partition, long offset)
    {
        if (offset < _floors.GetValueOrDefault(partition))
        {
            throw new InvalidOperationException($"Partition {partition} went back from {_floors[partition]} to {offset}.");
        }

        _floors[partition] = offset;
    }
}
